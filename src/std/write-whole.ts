import { rename, rm, writeFile } from 'node:fs/promises';
import { EnvironmentError, messageOf } from './errors.ts';

/**
 * Writes a file of the reports folder in one step: readers see the old content or the whole new one, also when
 * several processes write it at once.
 * Errors: EnvironmentError with the file and what to do.
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  await replaceWhole(file, (unfinished) => writeFile(unfinished, text));
}

/** The same, for content that `write` puts into the file that will take its place. */
export async function replaceWhole(
  file: string,
  write: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await write(unfinished);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw unwritable(file, error);
  }
}

/** What to say of a file of the reports folder that cannot be written. */
export function unwritable(file: string, error: unknown): EnvironmentError {
  return new EnvironmentError(
    `cannot write ${file}: ${messageOf(error)}. Free space or make it writable, or name another folder with FORKPOINT_REPORTS.`,
    { cause: error },
  );
}
