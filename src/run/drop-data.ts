import type { Cluster } from '../contracts/cluster.ts';
import { schemaOf } from '../load/workload-context.ts';
import { connect } from '../pg/connect.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { messageOf } from '../std/errors.ts';
import { primaryOf } from '../std/units/leadership.ts';

const connectTimeoutMs = 5_000;
const dropTimeoutMs = 60_000;

/**
 * Removes what the run made in a cluster that is not ours: its schema. Returns why it is still there and how to remove it;
 * undefined: it is gone. Never rejects.
 */
export async function dropData(
  cluster: Pick<Cluster, 'nodes' | 'credentials' | 'topology'>,
  runId: string,
): Promise<string | undefined> {
  const statement = `DROP SCHEMA IF EXISTS ${quoteIdentifier(schemaOf(runId))} CASCADE`;
  try {
    const primary = primaryOf(await cluster.topology(new AbortController().signal));
    const node = cluster.nodes.find(({ name }) => name === primary?.node);
    if (!node) throw new Error('no node is primary');
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
