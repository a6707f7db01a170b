import { isDeepStrictEqual } from 'node:util';
import type { NodeReading, ReadBack } from '../../contracts/evidence.ts';
import { lsnDistance, withoutPageHeader } from '../../pg/lsn.ts';
import { monotonicMs } from '../../std/wait.ts';
import { ExpectedBlocks } from './digest.ts';
import { readForkCommits } from './fork-commits.ts';
import type { ReadBackOptions } from './options.ts';
import { readPosition } from './position.ts';
import type { ReadRequest, WriterExpectation } from './read-node.ts';
import { readNode } from './read-snapshot.ts';
import { nameIn } from './read-tables.ts';
import { openReader } from './reader.ts';
import { withRetries } from './retry.ts';
import { readHistory } from './timeline-histories.ts';

/**
 * Reads every node's rows, the primary's first, and what decides their fate on it.
 * "Could not read" is an answer (`unverifiable`, with the reason), never an error and never a loss.
 */
export async function readBack(options: ReadBackOptions): Promise<ReadBack> {
  const startedMs = monotonicMs();
  const { table, primary } = options;
  const request = requestOf(options);
  const invariants = [request, ...(request.others ?? [])].flatMap(({ group, invariants: own }) =>
    own.map(({ name, says }) => ({ name: nameIn(group, name), says })),
  );
  const readings = await readTwiceIfNeeded(request, options);
  const { end, ...forks } = await readForks(options);
  const read = readings.find(({ node }) => node === primary)?.lsn;
  return {
    schemaVersion: 1,
    runId: options.runId,
    ...(primary !== undefined && { primary }),
    converged: options.converged,
    nodes: readings.map((reading) => withLag(reading, { read, end })),
    contentChecked: options.content,
    ...(table.isUnlogged && { isUnlogged: true }),
    ...(invariants.length > 0 && { invariants }),
    ms: Math.round(monotonicMs() - startedMs),
    ...forks,
  };
}

/** What to read on each node: each table with the writers that write to it. */
function requestOf(options: ReadBackOptions): ReadRequest {
  const { schema, table, content, rowHash, invariants = [], others = [] } = options;
  const own = new Map<number, WriterExpectation>();
  const ofGroups = others.map(() => new Map<number, WriterExpectation>());
  const expected = new ExpectedBlocks(rowHash);
  for (const expectation of options.expectations) {
    const { writer } = expectation;
    const group = ofGroups[others.findIndex((other) => other.has(writer))];
    (group ?? own).set(writer, { expectation, blocks: expected.of(expectation) });
  }
  const common = { content, rowHash };
  const requests = others.map((other, index): ReadRequest => {
    const { group, schema: itsSchema, table: itsTable, invariants: asked } = other;
    const writers = ofGroups[index] ?? new Map<number, WriterExpectation>();
    return { group, schema: itsSchema, table: itsTable, invariants: asked, ...common, writers };
  });
  const request = { schema, table, invariants, ...common, writers: own };
  return requests.length === 0 ? request : { ...request, others: requests };
}

/**
 * A replica that differs is believed when it differs again: what was committed between the two snapshots, or waited
 * for a standby in the first, is on both in the second.
 */
async function readTwiceIfNeeded(
  request: ReadRequest,
  options: ReadBackOptions,
): Promise<readonly NodeReading[]> {
  const first = await readAllNodes(request, options);
  const primary = first.find(({ node }) => node === options.primary);
  const isOver = first.every(
    (reading) => !isOneHistory(primary, reading) || hasSameRows(primary, reading),
  );
  return isOver ? first : readAllNodes(request, options);
}

/** The primary first: every replica is then read when it has replayed as much. */
async function readAllNodes(
  request: ReadRequest,
  options: ReadBackOptions,
): Promise<readonly NodeReading[]> {
  const { nodes, primary } = options;
  const truth = nodes.find(({ name }) => name === primary);
  const known = truth && (await readNode(truth, request, options));
  const after = known?.status === 'read' && known.role === 'primary' ? known.lsn : undefined;
  const following = { ...request, ...(after !== undefined && { after }) };
  return Promise.all(
    nodes.map((node) =>
      known && node === truth ? Promise.resolve(known) : readNode(node, following, options),
    ),
  );
}

function isOneHistory(
  primary: NodeReading | undefined,
  { status, role, timeline }: NodeReading,
): primary is NodeReading {
  const isReplica = status === 'read' && role === 'replica';
  return isReplica && primary?.status === 'read' && timeline === primary.timeline;
}

function hasSameRows(primary: NodeReading, replica: NodeReading): boolean {
  const rowsOf = ({ rows, unkeyed, writers, foreign }: NodeReading) => [
    rows,
    unkeyed,
    writers,
    foreign,
  ];
  return isDeepStrictEqual(rowsOf(primary), rowsOf(replica));
}

/** The primary's position when its rows were read, and after all other nodes were. */
interface PrimaryPositions {
  readonly read: string | undefined;
  readonly end: string | undefined;
}

/**
 * A replica is read later than the primary: to have replayed more by then is no lag. Negative when it is ahead of where
 * the primary stands after that: it is on another history, and that is worth seeing.
 */
function withLag(reading: NodeReading, { read, end }: PrimaryPositions): NodeReading {
  const { role, lsn } = reading;
  if (role !== 'replica' || lsn === undefined || read === undefined) return reading;
  const behind = lsnDistance(withoutPageHeader(read), lsn);
  if (behind >= 0) return { ...reading, lagBytes: behind };
  if (end === undefined) return reading;
  return { ...reading, lagBytes: Math.min(0, lsnDistance(end, lsn)) };
}

type Forks = Pick<ReadBack, 'history' | 'commits'> & { readonly end?: string };

async function readForks(options: ReadBackOptions): Promise<Forks> {
  const node = options.nodes.find(({ name }) => name === options.primary);
  if (!node) return { history: [] };
  try {
    return await withRetries(async () => {
      await using session = await openReader(node, options);
      const { lsn: end } = await readPosition(session);
      const history = await readHistory(session);
      // Without them a loss next to a fork has no known cause; that is no reason to know nothing of the others.
      const commits = await readForkCommits(session, history).catch(() => undefined);
      return { end, history, ...(commits && commits.length > 0 && { commits }) };
    }, options.signal);
  } catch {
    options.signal.throwIfAborted();
    // The node's own reading says why it cannot be read; without history, causes stay null.
    return { history: [] };
  }
}
