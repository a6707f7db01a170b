import { rename, rm, writeFile } from 'node:fs/promises';
import { EnvironmentError, messageOf } from './errors.ts';

/**
 * Writes a file of the reports folder in one step: readers see the old content or the whole new one, also when
 * several processes write it at once.
 * Errors: EnvironmentError with the file and what to do.
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new EnvironmentError(
      `cannot write ${file}: ${messageOf(error)}. Free space or make it writable, or name another folder with FORKPOINT_REPORTS.`,
      { cause: error },
    );
  }
}
