import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { isSecretName } from './secret-names.ts';
import { maskNamed } from './scrub.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The secrets that this host and the run's own record of its cluster know: the environment, the files of libpq's
 * passwords and services, lab.json. They are masked in every file, however they are written there.
 */
export async function knownSecrets(
  directory: string,
  environment: Environment = process.env,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const add = (secret: string, isNamed = true): void => {
    if (isNamed && isTelling(secret)) found.add(secret);
  };
  for (const [name, value = ''] of Object.entries(environment)) {
    if (isSecretName(name) && !/^(?:OLD)?PWD$/.test(name)) add(value);
    // A DSN, or a file's whole text, in a variable of any name.
    maskNamed(value, add);
  }
  const files = [
    environment.PGPASSFILE ?? path.join(homedir(), '.pgpass'),
    environment.PGSERVICEFILE ?? path.join(homedir(), '.pg_service.conf'),
  ];
  for (const file of files) maskNamed(await textOf(file), add);
  const record = await textOf(path.join(directory, 'lab.json'));
  maskNamed(record, add);
  collect(parsed(record), add);
  return [...found].flatMap((secret) => [secret, ...unescaped(secret)]);
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function collect(value: unknown, add: (secret: string) => void, isSecret = false): void {
  if (typeof value === 'string' && isSecret) add(value);
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    collect(child, add, Array.isArray(value) ? isSecret : isSecretName(name));
  }
}

/** As it was before a DSN's or a file's own escapes. */
function unescaped(secret: string): readonly string[] {
  const plain = [secret.replace(/\\(.)/g, '$1'), decoded(secret)];
  return plain.filter((text) => text !== secret && isTelling(text));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What can be looked for by itself: a password such as `postgres` is also a user, a database and a word of every log,
 * and one of digits alone is a count or an LSN; masking it there would hide more than it keeps secret.
 */
export function isTelling(secret: string): boolean {
  if (/^\d+$/.test(secret)) return false;
  return (secret.length >= 6 && /[^a-z_-]/i.test(secret)) || secret.length >= 16;
}
