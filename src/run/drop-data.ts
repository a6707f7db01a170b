import type { Scenario } from '../contracts/scenario.ts';
import { workloadsOf } from '../scenario/words/groups.ts';
import type { Cluster } from '../contracts/cluster.ts';
import { schemaOf } from '../load/workload-context.ts';
import { connect } from '../pg/connect.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { messageOf } from '../std/errors.ts';
import { primaryNode } from './primary-node.ts';
import { waitUntil } from '../std/wait.ts';

const connectTimeoutMs = 5_000;
const dropTimeoutMs = 60_000;
/** A leader whose cut an interruption has just healed is back after some loops of Patroni. */
const primaryTimeoutMs = 15_000;

/**
 * Removes what the run made in a cluster that is not ours: its schemas. Returns why it is still there and how to remove it;
 * undefined: it is gone. Never rejects.
 */
export async function dropData(
  cluster: Pick<Cluster, 'nodes' | 'credentials' | 'topology'>,
  runId: string,
  { load }: Pick<Scenario, 'load'>,
): Promise<string | undefined> {
  const schemas = workloadsOf(load).map(({ number }) => quoteIdentifier(schemaOf(runId, number)));
  const statement = `DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`;
  try {
    const node = await waitUntil('a node is primary', (signal) => primaryNode(cluster, signal), {
      timeoutMs: primaryTimeoutMs,
      everyMs: 500,
    });
    await using session = await connect(node.observer, cluster.credentials, {
      connectTimeoutMs,
      queryTimeoutMs: dropTimeoutMs,
      applicationName: 'forkpoint cleanup',
      settings: 'reader',
    });
    await session.query({ text: statement, values: [] });
    return undefined;
  } catch (error) {
    return `the run's tables are still there (${messageOf(error)}); on the primary, run: ${statement}`;
  }
}
