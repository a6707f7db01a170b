import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import { ScenarioError } from '../std/errors.ts';
import { connect } from '../pg/connect.ts';
import { SqlError } from '../pg/session.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { schemaOf } from '../load/workload-context.ts';

const timeoutMs = 5_000;
/** SQLSTATEs of a missing schema or table, or of a missing privilege. */
const isElsewhere = /^(42P01|3F000|42501)$/;

/**
 * Makes sure that a server holds this run, so that a missing table is not reported as the loss of everything.
 * Errors: ScenarioError when it does not; SqlError when the query fails.
 */
export async function requireRun(
  server: { readonly name: string; readonly endpoint: Endpoint; readonly credentials: Credentials },
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    signal,
    applicationName: 'forkpoint verify',
    settings: 'reader',
  });
  const refuse = (found: string): ScenarioError =>
    new ScenarioError(`${server.name} does not hold run ${runId}: ${found}. Nothing was judged.`);
  try {
    const table = `${quoteIdentifier(schemaOf(runId))}.run`;
    const [row] = await session.rows<{ id: string }>(`SELECT id FROM ${table}`);
    if (row?.id !== runId) throw refuse(`its marker says ${row?.id ?? 'nothing'}`);
  } catch (error) {
    if (!(error instanceof SqlError) || !isElsewhere.test(error.sqlState)) throw error;
    throw refuse(error.message);
  }
}
