import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ScenarioError, messageOf } from '../../std/errors.ts';
import { assertKnown, type RawParameters } from './parse.ts';

/**
 * One section of the connection service file: the user's own, then the host's.
 * Errors: ScenarioError when no file has the section, or a line is no parameter; values are not in the message.
 * Source: PostgreSQL, "The Connection Service File".
 */
export async function readService(
  service: string,
  { file, environment }: { readonly file?: string; readonly environment: NodeJS.ProcessEnv },
): Promise<RawParameters> {
  const own = file ?? environment.PGSERVICEFILE ?? join(homedir(), '.pg_service.conf');
  const folder = environment.PGSYSCONFDIR ?? '/etc/postgresql-common';
  const files = [own, join(folder, 'pg_service.conf')];
  for (const path of files) {
    const text = await textOf(path, path === (file ?? environment.PGSERVICEFILE));
    const found = text === undefined ? undefined : sectionOf(text, service, path);
    if (found) return found;
  }
  throw new ScenarioError(
    `service '${service}': no such section in ${files.join(' or ')}; add [${service}], or set PGSERVICEFILE`,
  );
}

async function textOf(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!isNamed) return undefined;
    throw new ScenarioError(`service file: ${messageOf(error)}`, { cause: error });
  }
}

/** Undefined: the file has no such section. */
function sectionOf(text: string, service: string, path: string): RawParameters | undefined {
  let found: Map<string, string> | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      // As in libpq, the first section of a name counts.
      if (found) return found;
      if (header === service) found = new Map();
    } else if (found) {
      addLine(found, line, `${path}:${index + 1}`);
    }
  }
  return found;
}

function addLine(found: Map<string, string>, line: string, at: string): void {
  const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new ScenarioError(
      `${at}: not a parameter; write keyword=value, without spaces around '='`,
    );
  }
  if (name === 'service' || name === 'servicefile') {
    throw new ScenarioError(`${at}: a service file cannot name another service`);
  }
  assertKnown(name);
  if (!found.has(name) && value !== '') found.set(name, value);
}
