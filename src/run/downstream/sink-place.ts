import path from 'node:path';
import type { Cluster, Credentials, Endpoint } from '../../contracts/cluster.ts';
import type { DownstreamSpec } from '../../contracts/downstream.ts';
import { connect } from '../../pg/connect.ts';
import { resolveConnection } from '../../pg/libpq/resolve.ts';
import type { Session } from '../../pg/session.ts';
import { EnvironmentError, lacks, messageOf, ScenarioError } from '../../std/errors.ts';

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 120_000;

/** Where what a consumer has delivered is read. */
export type SinkPlace = SinkServerPlace | { readonly file: string };

export interface SinkServerPlace {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/**
 * The sink of the lab, the one of the scenario, or a file in the consumer's own folder.
 * Errors: ScenarioError for a connection string that leads nowhere; EnvironmentError for a sink of the scenario that does not answer.
 */
export async function sinkPlaceOf(
  { name, sink, writesTo }: DownstreamSpec,
  { cluster, own }: { readonly cluster: Pick<Cluster, 'id' | 'sink'>; readonly own: string },
): Promise<SinkPlace> {
  if (writesTo === 'file') return { file: path.join(own, 'events.jsonl') };
  if (!sink) {
    const { observer, credentials } = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
    return { endpoint: observer, credentials };
  }
  const place = await placeAt(sink.dsn).catch((cause: unknown) => {
    throw new ScenarioError(`downstream.${name}.sink.dsn: ${messageOf(cause)}`, { cause });
  });
  // Better now than after the load.
  await openSink(place).then(
    (session) => session[Symbol.asyncDispose](),
    (cause: unknown) => {
      const said = messageOf(cause);
      const remedy = /password/i.test(said)
        ? '; a password comes from a password file (~/.pgpass) or from PGPASSWORD'
        : '';
      const what = `downstream.${name}: its sink cannot be read: ${said}${remedy}`;
      throw new EnvironmentError(what, { cause });
    },
  );
  return place;
}

async function placeAt(dsn: string): Promise<SinkServerPlace> {
  const { hosts } = await resolveConnection(dsn);
  const [host, ...others] = hosts;
  if (host && others.length === 0) return host;
  throw new ScenarioError('must lead to one host');
}

/** A session that only reads. */
export function openSink({ endpoint, credentials }: SinkServerPlace): Promise<Session> {
  return connect(endpoint, credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    applicationName: 'forkpoint read-back',
    settings: 'reader',
  });
}
