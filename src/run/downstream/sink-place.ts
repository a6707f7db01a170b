import path from 'node:path';
import type { Cluster, Credentials, Endpoint } from '../../contracts/cluster.ts';
import type { DownstreamSpec } from '../../contracts/downstream.ts';
import { connect } from '../../pg/connect.ts';
import { resolveConnection } from '../../pg/libpq/resolve.ts';
import type { Session } from '../../pg/session.ts';
import { lacks, messageOf, ScenarioError } from '../../std/errors.ts';

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
 * Errors: ScenarioError for a connection string that leads nowhere.
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
  try {
    const { hosts } = await resolveConnection(sink.dsn);
    const [host, ...others] = hosts;
    if (host && others.length === 0) return host;
    throw new ScenarioError('must lead to one host');
  } catch (cause) {
    throw new ScenarioError(`downstream.${name}.sink.dsn: ${messageOf(cause)}`, { cause });
  }
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
