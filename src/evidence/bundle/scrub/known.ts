import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { secretsOfFile } from '../../../scenario/own-patroni/read-file.ts';
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
    if (isNamed && isKnown(secret)) found.add(secret);
  };
  for (const [name, value = ''] of Object.entries(environment)) {
    if (isSecretName(name) && !/^(?:OLD)?PWD$/.test(name)) add(value);
    // A variable of any name may hold a DSN or the whole text of a file.
    maskNamed(value, add);
  }
  const files = [
    environment.PGPASSFILE ?? path.join(homedir(), '.pgpass'),
    environment.PGSERVICEFILE ?? path.join(homedir(), '.pg_service.conf'),
  ];
  for (const file of files) maskNamed(await textOf(file), add);
  const record = await textOf(path.join(directory, 'lab.json'));
  for (const secret of await secretsOfConfig(directory)) add(secret);
  const content = parsed(record);
  if (content === undefined) maskNamed(record, add);
  collect(content, add);
  return [...found].flatMap((secret) => [secret, ...unescaped(secret)]);
}

/** Secrets of the user's own Patroni configuration, read now: a plan holds none of them. */
async function secretsOfConfig(directory: string): Promise<readonly string[]> {
  const plan = parsed(await textOf(path.join(directory, 'plan.json')));
  const { file } = (plan as StoredPlan | undefined)?.scenario?.cluster?.config ?? {};
  return file === undefined ? [] : secretsOfFile(file);
}

interface StoredPlan {
  readonly scenario?: { readonly cluster?: { readonly config?: { readonly file?: string } } };
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** All credentials except the user, the database and the host, which every log names. */
function collect(
  value: unknown,
  add: (secret: string, isNamed?: boolean) => void,
  isSecret = false,
): void {
  if (typeof value === 'string') {
    if (isSecret) add(value);
    maskNamed(value, add);
  }
  if (typeof value === 'number' && isSecret) add(String(value));
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    const isPublic = /^(?:user|username|database|dbname|host|port|role|name)$/i.test(name);
    collect(child, add, isSecretName(name) || (isSecret && !isPublic));
  }
}

/** The value before it was escaped for a DSN or a file. */
function unescaped(secret: string): readonly string[] {
  const plain = [secret.replace(/\\(.)/g, '$1'), decoded(secret)];
  return plain.filter((text) => text !== secret && isKnown(text));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Passwords that are no secrets: names that PostgreSQL, Patroni and Forkpoint give to users, databases, roles and
 * states, and values of settings. Every log contains these words, and without them it proves nothing.
 */
const common = new Set(
  `postgres postgresql password replication replicator patroni pgbouncer forkpoint primary standby replica leader
  master superuser rewind database public localhost default enabled disabled require required`.split(
    /\s+/,
  ),
);

/** The value of a variable or key whose name says that it is secret, even when it is only digits or a word. */
function isKnown(secret: string): boolean {
  return secret.length >= 6 && !common.has(secret.toLowerCase());
}

/**
 * A word that merely looked like a secret somewhere, and can be looked for by itself: one of letters alone may be a
 * word of every log, and one of digits alone is a count or an LSN.
 */
export function isTelling(secret: string): boolean {
  if (/^\d+$/.test(secret)) return false;
  return (secret.length >= 6 && /[^a-z_-]/i.test(secret)) || secret.length >= 16;
}
