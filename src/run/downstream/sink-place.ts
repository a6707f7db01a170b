import type { Cluster, Credentials, Endpoint } from '../../contracts/cluster.ts';
import type { DownstreamSpec } from '../../contracts/downstream.ts';
import { connect } from '../../pg/connect.ts';
import { resolveConnection } from '../../pg/libpq/resolve.ts';
import type { Session } from '../../pg/session.ts';
import { lacks, messageOf, ScenarioError } from '../../std/errors.ts';

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 120_000;

/** Where what a consumer has delivered is read. */
export interface SinkPlace {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/** The sink of the lab, or the one of the scenario. Errors: ScenarioError for a connection string that leads nowhere. */
export async function sinkPlaceOf(
  { name, sink }: DownstreamSpec,
  cluster: Pick<Cluster, 'id' | 'sink'>,
): Promise<SinkPlace> {
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
export function openSink({ endpoint, credentials }: SinkPlace): Promise<Session> {
  return connect(endpoint, credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    applicationName: 'forkpoint read-back',
    settings: 'reader',
  });
}
