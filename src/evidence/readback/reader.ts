import type { ReadTarget, ReadBackOptions } from './options.ts';
import { connect } from '../../pg/connect.ts';
import type { Session } from '../../pg/session.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import { readerSettings } from '../../pg/session-settings.ts';

const connectTimeoutMs = 5_000;
/** A read that takes longer than this will not end. */
const queryTimeoutMs = 30 * 60_000;

/** A session that is set up for counting whole tables. Errors: SqlError. */
export async function openReader(
  node: ReadTarget,
  options: Pick<ReadBackOptions, 'credentials' | 'signal'>,
): Promise<Session> {
  const session = await connect(node.observer, node.credentials ?? options.credentials, {
    connectTimeoutMs,
    queryTimeoutMs,
    signal: options.signal,
    applicationName: 'forkpoint read-back',
    settings: 'reader',
  });
  // The planner expects a hundred times the blocks there are: it would not go parallel by itself, and would sort
  // all rows, contents included, to group them (measured: 3 to 5 times slower). What is counted is counted in the
  // table itself: an index may be damaged.
  try {
    const { text, values } = readerSettings(planned);
    await session.rows(text, values);
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

const planned = {
  jit: 'off',
  work_mem: '64MB',
  enable_sort: 'off',
  enable_incremental_sort: 'off',
  enable_indexonlyscan: 'off',
  max_parallel_workers_per_gather: '2',
  parallel_setup_cost: '0',
  parallel_tuple_cost: '0',
};

/** Errors: SqlError 42P01 and the like where the schema is not there; Error when it is another run's. */
export async function assertRun(session: Session, schema: string, runId: string): Promise<void> {
  const rows = await session.rows<{ id: string }>(`SELECT id FROM ${quoteIdentifier(schema)}.run`);
  if (rows[0]?.id !== runId) {
    throw new Error(`this database holds run ${rows[0]?.id ?? 'without an id'}, not run ${runId}`);
  }
}
