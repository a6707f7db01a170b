import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EnvironmentError, messageOf } from './errors.ts';

/** An empty folder of this process. Errors: EnvironmentError when there is no place for one. */
export async function temporaryFolder(prefix: string): Promise<string> {
  try {
    return await mkdtemp(path.join(tmpdir(), prefix));
  } catch (error) {
    throw new EnvironmentError(
      `cannot make a folder in ${tmpdir()}: ${messageOf(error)}. Free space there, or name another one with TMPDIR.`,
      { cause: error },
    );
  }
}

/** What a disk says that takes no more. */
const full = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** An EnvironmentError when a write below the folder failed because its disk is full; else the error as it is. */
export function fullDiskOr(error: unknown, folder: string): unknown {
  if (!full.has((error as NodeJS.ErrnoException | null)?.code ?? '')) return error;
  return new EnvironmentError(
    `cannot write to ${folder}: ${messageOf(error)}. Free space there, or name another folder with TMPDIR.`,
    { cause: error },
  );
}
