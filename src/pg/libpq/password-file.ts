import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import pgpass from 'pgpass/lib/helper.js';
import { ScenarioError, messageOf } from '../../std/errors.ts';

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

const accessOfOthers = 0o077;

/**
 * The password of the first line that matches; undefined: no file, or no such line. A Unix socket counts as localhost.
 * Errors: ScenarioError for a file that was named and cannot be read, and for one that others may read: libpq would
 * ignore it, and the login would fail for no visible reason.
 * Source: PostgreSQL, "The Password File".
 */
export async function passwordFromFile(
  login: Login,
  passfile: string | undefined,
): Promise<string | undefined> {
  const path = passfile ?? join(homedir(), '.pgpass');
  const text = await privateText(path, passfile !== undefined);
  if (text === undefined) return undefined;
  const host = login.host.startsWith('/') ? 'localhost' : login.host;
  return new Promise((resolve) => {
    pgpass.getPassword({ ...login, host }, Readable.from([text]), resolve);
  });
}

async function privateText(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & accessOfOthers) === 0) return await readFile(path, 'utf8');
  } catch (error) {
    if (!isNamed) return undefined;
    throw new ScenarioError(`password file: ${messageOf(error)}`, { cause: error });
  }
  throw new ScenarioError(
    `password file ${path}: others may read it, so it is not used; run: chmod 600 ${path}`,
  );
}
