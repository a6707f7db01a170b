import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { ScenarioError, messageOf } from '../std/errors.ts';
import { libpqParameters } from './libpq/parameters.ts';
import { resolveConnection } from './libpq/resolve.ts';

/** One server to read, as named on the command line. */
export interface Server {
  /** The node's name in the run; undefined: not given. */
  readonly name?: string;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/**
 * The servers of `--dsn`, each `[node=]connection string`, in libpq's two forms; a string with several hosts means
 * all of them. What a string leaves out comes from libpq's environment, service file and password file.
 * Errors: ScenarioError, without the password.
 */
export async function parseServers(
  texts: readonly string[],
  {
    environment = process.env,
    note,
  }: {
    readonly environment?: NodeJS.ProcessEnv;
    /** Called once for each variable that was used under another name than libpq's. */
    readonly note?: (sentence: string) => void;
  } = {},
): Promise<readonly Server[]> {
  const found = await Promise.all(texts.map((text) => serversOf(text, environment)));
  for (const sentence of new Set(found.flatMap(({ notes }) => notes))) note?.(sentence);
  return found.flatMap(({ servers }) => servers);
}

async function serversOf(
  text: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ readonly servers: readonly Server[]; readonly notes: readonly string[] }> {
  const { name, dsn } = splitName(text);
  const { hosts, targetSession, notes } = await resolveConnection(dsn, environment).catch(
    (error: unknown) => {
      throw new ScenarioError(`--dsn: ${messageOf(error)}`, { cause: error });
    },
  );
  if (targetSession !== 'any') {
    throw new ScenarioError(
      `--dsn: target_session_attrs=${targetSession} would choose one of the hosts, but every host is read; leave it out`,
    );
  }
  if (name === undefined) return { servers: hosts, notes };
  if (hosts.length > 1) {
    throw new ScenarioError(
      `--dsn: '${name}' is one node, but the string has ${hosts.length} hosts`,
    );
  }
  return { servers: hosts.map((host) => ({ name, ...host })), notes };
}

/** `pg1=postgres://...` or `pg1=host=db ...`; a word that is a parameter of libpq's is no node. */
function splitName(text: string): { readonly name?: string; readonly dsn: string } {
  const [, name, dsn] = /^([A-Za-z0-9][\w.-]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || dsn === undefined || Object.hasOwn(libpqParameters, name)) {
    return { dsn: text };
  }
  return { name, dsn };
}

/** How messages and readback.json name a server. */
export function nameOf({ name, endpoint }: Server): string {
  return name ?? `${endpoint.host}:${endpoint.port}`;
}
