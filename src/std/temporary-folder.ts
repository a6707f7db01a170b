import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EnvironmentError, messageOf } from './errors.ts';

/** What `temporaryFolder` makes, with the number of the process that made it. */
export const temporaryName = /^forkpoint-[a-z]+-(\d+)-\w{6}$/;

/** Makes an empty folder for this process; `what` it is for is one word. Errors: EnvironmentError when none can be made. */
export async function temporaryFolder(what: string): Promise<string> {
  try {
    return await mkdtemp(path.join(tmpdir(), `forkpoint-${what}-${process.pid}-`));
  } catch (error) {
    throw new EnvironmentError(
      `cannot make a folder in ${tmpdir()}: ${messageOf(error)}. Free space there, or set TMPDIR to another folder.`,
      { cause: error },
    );
  }
}

/** Error codes of a full disk. */
const full = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** An EnvironmentError when a write below the folder failed because the disk is full; else the error itself. */
export function fullDiskOr(error: unknown, folder: string): unknown {
  if (!full.has((error as NodeJS.ErrnoException | null)?.code ?? '')) return error;
  return new EnvironmentError(
    `cannot write to ${folder}: ${messageOf(error)}. Free space there, or set TMPDIR to another folder.`,
    { cause: error },
  );
}
