import type { Credentials, Node } from '../../contracts/cluster.ts';
import type { NodeReading, ReadBack } from '../../contracts/evidence.ts';
import type { TrackedTable } from '../../contracts/workload.ts';
import { messageOf } from '../../std/errors.ts';
import { connect, SqlError, type Session } from '../../pg/connect.ts';
import { lsnDistance } from '../../pg/lsn.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import { readerSettings } from '../../pg/session-settings.ts';
import { monotonicMs } from '../../std/wait.ts';
import { ExpectedBlocks, type Expectation, type RowHash } from './digest.ts';
import { checkStructure } from './amcheck.ts';
import { readForkCommits } from './fork-commits.ts';
import { readHistory } from './timeline-histories.ts';
import { withoutIndexes } from './read-blocks.ts';
import { readContent, type ReadRequest, type WriterExpectation } from './read-node.ts';
import { withRetries } from './retry.ts';

/** A server to read; `credentials` where it has others than the cluster. */
export type ReadTarget = Pick<Node, 'name' | 'observer'> & {
  readonly credentials?: Credentials;
  /** Taken out of the cluster on purpose: compared like a replica, whatever it calls itself. */
  readonly isDetached?: boolean;
};

export interface ReadBackOptions {
  readonly runId: string;
  readonly nodes: readonly ReadTarget[];
  readonly credentials: Credentials;
  readonly primary: string | undefined;
  readonly converged: ReadBack['converged'];
  readonly schema: string;
  readonly table: TrackedTable;
  readonly expectations: Iterable<Expectation>;
  readonly rowHash: RowHash;
  readonly content: boolean;
  readonly amcheck: boolean;
  readonly signal: AbortSignal;
}

const connectTimeoutMs = 5_000;
const indexCorrupted = 'XX002';
/** A read that takes longer than this is not a read that will end. */
const queryTimeoutMs = 30 * 60_000;

/**
 * Reads every node's rows, all nodes at once, and what decides their fate on the final primary.
 * "Could not read" is an answer (`unverifiable`, with the reason), never an error and never a loss.
 */
export async function readBack(options: ReadBackOptions): Promise<ReadBack> {
  const startedMs = monotonicMs();
  const writers = new Map<number, WriterExpectation>();
  const expected = new ExpectedBlocks(options.rowHash);
  for (const expectation of options.expectations) {
    writers.set(expectation.writer, { expectation, blocks: expected.of(expectation) });
  }
  const { schema, table, content, rowHash, primary } = options;
  const request: ReadRequest = { schema, table, content, rowHash, writers };
  const readings = await Promise.all(options.nodes.map((node) => readNode(node, request, options)));
  const forks = await readForks(options);
  const primaryLsn = readings.find(({ node }) => node === primary)?.lsn;
  return {
    schemaVersion: 1,
    runId: options.runId,
    ...(primary !== undefined && { primary }),
    converged: options.converged,
    nodes: readings.map((reading) => withLag(reading, primaryLsn)),
    contentChecked: content,
    ms: Math.round(monotonicMs() - startedMs),
    ...forks,
  };
}

async function readNode(
  node: ReadTarget,
  request: ReadRequest,
  options: ReadBackOptions,
): Promise<NodeReading> {
  const startedMs = monotonicMs();
  const nothing = { rows: 0, writers: [], foreign: [], partitions: [], structure: [] };
  try {
    return await withRetries(() => readOnce(node, request, options), options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    const ms = Math.round(monotonicMs() - startedMs);
    // The server found its own files broken while it read them: that is a finding, not only a failed read.
    const isBroken = error instanceof SqlError && /^XX00[12]$/.test(error.sqlState);
    const structure = isBroken ? [{ relation: request.table.name, message: error.message }] : [];
    const reason = `${node.name} could not be read: ${messageOf(error)}`;
    return {
      node: node.name,
      status: 'unverifiable',
      reason,
      role: 'down',
      ms,
      ...nothing,
      structure,
    };
  }
}

async function readOnce(
  node: ReadTarget,
  request: ReadRequest,
  options: ReadBackOptions,
): Promise<NodeReading> {
  const startedMs = monotonicMs();
  await using session = await openReader(node, options);
  await assertRun(session, request.schema, options.runId);
  const { position, content } = await readSnapshot(session, request);
  const checked = options.amcheck ? await checkStructure(session, request.schema) : [];
  const structure = [...content.structure, ...checked];
  const ms = Math.round(monotonicMs() - startedMs);
  const role = node.isDetached === true ? 'replica' : position.role;
  return { node: node.name, status: 'read', ...position, role, ...content, structure, ms };
}

/** One snapshot. An index that cannot be read is a finding, and what is in its table is read without it. */
async function readSnapshot(session: Session, request: ReadRequest) {
  const read = async () => {
    await session.rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const position = await readPosition(session);
    const content = await readContent(session, request);
    await session.rows('COMMIT');
    return { position, content };
  };
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState !== indexCorrupted) throw error;
    await session.rows('ROLLBACK');
    const { position, content } = await withoutIndexes(session, read);
    const finding = { relation: request.table.name, message: error.message };
    return { position, content: { ...content, structure: [...content.structure, finding] } };
  }
}

async function openReader(
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
async function assertRun(session: Session, schema: string, runId: string): Promise<void> {
  const rows = await session.rows<{ id: string }>(`SELECT id FROM ${quoteIdentifier(schema)}.run`);
  if (rows[0]?.id !== runId) {
    throw new Error(`this database holds run ${rows[0]?.id ?? 'nobody'}, not run ${runId}`);
  }
}

async function readPosition(session: Session) {
  interface Row {
    readonly standby: boolean;
    readonly timeline: number;
    readonly lsn: string;
  }
  // A standby has no insert position; its timeline is the one its receiver streams, or the last restart point's.
  const [row] = await session.rows<Row>(`SELECT pg_is_in_recovery() AS standby,
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
         ELSE pg_current_wal_insert_lsn() END::text AS lsn,
    CASE WHEN pg_is_in_recovery() THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
           (SELECT timeline_id FROM pg_control_checkpoint()))
         ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int
         END AS timeline`);
  if (!row) throw new Error('the server gave no position');
  const role: NodeReading['role'] = row.standby ? 'replica' : 'primary';
  return { role, timeline: row.timeline, lsn: row.lsn };
}

/** Negative when a standby is ahead of its leader: that is worth seeing, so it is not cut to zero. */
function withLag(reading: NodeReading, primaryLsn: string | undefined): NodeReading {
  if (reading.role !== 'replica' || reading.lsn === undefined || primaryLsn === undefined) {
    return reading;
  }
  return { ...reading, lagBytes: lsnDistance(primaryLsn, reading.lsn) };
}

async function readForks(options: ReadBackOptions): Promise<Pick<ReadBack, 'history' | 'commits'>> {
  const node = options.nodes.find(({ name }) => name === options.primary);
  if (!node) return { history: [] };
  try {
    return await withRetries(async () => {
      await using session = await openReader(node, options);
      const history = await readHistory(session);
      // Without them a loss next to a fork has no known cause; that is no reason to know nothing of the others.
      const commits = await readForkCommits(session, history).catch(() => undefined);
      return { history, ...(commits && commits.length > 0 && { commits }) };
    }, options.signal);
  } catch {
    options.signal.throwIfAborted();
    // The node's own reading says why it cannot be read; without history, causes stay null.
    return { history: [] };
  }
}
