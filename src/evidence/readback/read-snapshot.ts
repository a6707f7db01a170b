import type { NodeReading } from '../../contracts/evidence.ts';
import { SqlError, type Session } from '../../pg/session.ts';
import { messageOf } from '../../std/errors.ts';
import { seconds } from '../../std/units/shown.ts';
import { monotonicMs } from '../../std/wait.ts';
import { checkStructure } from './amcheck.ts';
import type { ReadBackOptions, ReadTarget } from './options.ts';
import { hasReplayed, readPosition, type Position } from './position.ts';
import { withoutIndexes } from './read-blocks.ts';
import type { ReadRequest } from './read-node.ts';
import { readAllInvariants, readTables } from './read-tables.ts';
import { assertRun, openReader } from './reader.ts';
import { withRetries } from './retry.ts';

export interface NodeRequest extends ReadRequest {
  /** What a standby has to have replayed before its snapshot, so that it can hold all that the primary held. */
  readonly after?: string;
}

const indexCorrupted = 'XX002';
const notSupported = '0A000';
const unloggedReason = 'a replica has no rows of an unlogged table';
/** More than the 15 s within which an idle primary writes out its WAL buffers. */
const defaultReplayTimeoutMs = 20_000;

/**
 * Reads one node's rows. "Could not read" is an answer (`unverifiable`, with the reason), never an error.
 */
export async function readNode(
  node: ReadTarget,
  request: NodeRequest,
  options: ReadBackOptions,
): Promise<NodeReading> {
  const startedMs = monotonicMs();
  try {
    return await withRetries(() => readOnce(node, request, options), options.signal);
  } catch (error) {
    options.signal.throwIfAborted();
    if (isWithoutTable(error, request)) return unread(node, unloggedReason, startedMs, 'replica');
    // The server found its own files damaged while reading: that is a finding, not only a failed read.
    const isBroken = error instanceof SqlError && /^XX00[12]$/.test(error.sqlState);
    const structure = isBroken ? [{ relation: request.table.name, message: error.message }] : [];
    const reason = `${node.name} could not be read: ${messageOf(error)}`;
    return { ...unread(node, reason, startedMs), structure };
  }
}

async function readOnce(
  node: ReadTarget,
  request: NodeRequest,
  options: ReadBackOptions,
): Promise<NodeReading> {
  const startedMs = monotonicMs();
  await using session = await openReader(node, options);
  if (request.after !== undefined) {
    const late = await notThere(session, request.after, options);
    if (late) return { ...unread(node, late.reason, startedMs), ...late.position };
  }
  await assertRun(session, request.schema, options.runId);
  const { position, content } = await readSnapshot(session, request);
  const schemas = [request, ...(request.others ?? [])].map(({ schema }) => schema);
  const checked = [];
  for (const schema of options.amcheck ? schemas : []) {
    checked.push(...(await checkStructure(session, schema)));
  }
  const structure = [...content.structure, ...checked];
  const ms = Math.round(monotonicMs() - startedMs);
  const role = node.isDetached === true ? 'replica' : position.role;
  return { node: node.name, status: 'read', ...position, role, ...content, structure, ms };
}

/** PostgreSQL refuses to read an unlogged table during recovery (plancat.c). */
function isWithoutTable(error: unknown, { table }: ReadRequest): boolean {
  return table.isUnlogged === true && error instanceof SqlError && error.sqlState === notSupported;
}

function unread(
  { name }: ReadTarget,
  reason: string,
  startedMs: number,
  role: NodeReading['role'] = 'down',
): NodeReading {
  const ms = Math.round(monotonicMs() - startedMs);
  const nothing = { rows: 0, writers: [], foreign: [], partitions: [], structure: [] };
  return { node: name, status: 'unverifiable', reason, role, ms, ...nothing };
}

/** A replica that lacks what the primary's rows were read with could only be called wrong for being late. */
async function notThere(
  session: Session,
  after: string,
  { signal, replayTimeoutMs = defaultReplayTimeoutMs }: ReadBackOptions,
): Promise<{ readonly position: Position; readonly reason: string } | undefined> {
  const timeoutMs = replayTimeoutMs;
  if (await hasReplayed(session, after, { timeoutMs, signal })) return undefined;
  const position = await readPosition(session);
  const reason = `it has replayed ${position.lsn}, and the primary's rows were read at ${after}: it did not get there within ${seconds(timeoutMs)}`;
  return { position, reason };
}

/** One snapshot. An index that cannot be read is a finding, and what is in its table is read without it. */
async function readSnapshot(session: Session, request: ReadRequest) {
  const read = async () => {
    await session.rows('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const position = await readPosition(session);
    const content = await readTables(session, request);
    const invariants = await readAllInvariants(session, request);
    await session.rows('COMMIT');
    const asked = invariants.length > 0 ? { ...content, invariants } : content;
    return { position, content: asked };
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
