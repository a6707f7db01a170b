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
