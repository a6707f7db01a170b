import type { Registry } from '../contracts/registry.ts';
import type { Plan } from '../contracts/scenario.ts';
import { HarnessBug } from '../std/errors.ts';
import { blockRows } from '../evidence/readback/digest.ts';
import { journalPaths } from '../evidence/journal/journal.ts';
import { buildLedger } from '../judge/ledger/ledger.ts';
import { seededRandom } from '../std/random.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import { planScenario } from '../scenario/plan/plan.ts';
import { waitUntil } from '../std/wait.ts';
import type { Key, Planted, Row, Stage } from './damage.ts';
import type { StagedRun } from './stage-run.ts';

/** Partitions of the table, so that one can be detached. */
export const partitions = 2;

/** Long enough for any machine: the load is stopped once there are enough rows to damage. */
const text = `
name: selftest
claim: What is planted is found, and nothing else.
cluster: { nodes: 3, parameters: { wal_level: logical } }
load:
  { clients: 4, duration: 60s, batch: 100, payload: 64B, deadline: 20s, serverIds: true,
    partitions: ${partitions}, mix: { insert: 80, update: 15, delete: 5 } }
verify: { amcheck: false }
expect: { lost: 0, unexpected: 0, duplicated: 0, corrupted: 0, replicas: agree }
`;
const payloadBytes = 64;

/** Rows of this writer that the server refuses, in whole batches. */
const refused = { writer: 1, from: 1000, to: 1299 };
const reissuedIds = 20;
const fewestDeleted = 10;
/** Enough for a writer to have a whole block in spite of its deletes. */
const fewestRows = 2.5 * blockRows;
const enoughTimeoutMs = 45_000;

export function planSelftest(seed: number, registry: Registry): Plan {
  const scenario = parseScenario(text, { file: 'selftest', registry });
  return planScenario(scenario, { seed, backend: 'local', registry });
}

/**
 * Runs the load with a constraint that refuses some rows, and sets the id sequence back in the middle of it. Returns that
 * first damage: it is already in the database, so nothing more is done for it.
 */
export async function loadStage(run: StagedRun, signal: AbortSignal): Promise<Planted> {
  const { session, table } = run;
  await session.rows(`ALTER TABLE ${table} ADD CONSTRAINT selftest CHECK
    (writer <> ${refused.writer} OR seq NOT BETWEEN ${refused.from} AND ${refused.to}) NOT VALID`);
  let again = { from: 0, to: 0 };
  await run.load(async () => {
    const untilRows = (what: string, condition: string) =>
      waitUntil(what, async () => (await hasRows(run, condition)) || undefined, {
        timeoutMs: enoughTimeoutMs,
        everyMs: 100,
        signal,
      });
    await untilRows(
      'the load has passed the refused rows',
      `writer = ${refused.writer} AND seq > 1500`,
    );
    again = await handOutAgain(run);
    await untilRows('the ids were handed out again', `id > ${again.to + reissuedIds}`);
    await untilRows('there is a whole block', `seq > ${fewestRows}`);
    await waitUntil('rows were deleted', async () => (await deletedRows(run)) >= fewestDeleted, {
      timeoutMs: enoughTimeoutMs,
      everyMs: 100,
      signal,
    });
  });
  await session.rows(`ALTER TABLE ${table} DROP CONSTRAINT selftest`);
  const rows = await session.rows<Key & { id: number }>(
    `SELECT writer, seq, id::int AS id FROM ${table} WHERE id BETWEEN $1 AND $2`,
    [again.from, again.to],
  );
  return {
    what: `set the sequence back by ${reissuedIds}: that many ids name two writes`,
    statements: [],
    touched: [],
    changes: { reissued: reissuedIds },
    findings: rows.map(({ writer, seq, id }) => ({
      kind: 'reissued',
      writer,
      from: seq,
      to: seq,
      detail: `id ${id}`,
    })),
  };
}

/** No insert is in progress while the table is locked: exactly these ids are handed out again. */
async function handOutAgain({ session, table }: StagedRun): Promise<{ from: number; to: number }> {
  await session.rows('BEGIN');
  await session.rows(`LOCK TABLE ${table} IN SHARE MODE`);
  const sequence = `pg_get_serial_sequence('${table}', 'id')`;
  const [newest] = await session.rows<{ id: number }>(`SELECT max(id)::int AS id FROM ${table}`);
  const to = newest?.id ?? 0;
  const from = to - reissuedIds + 1;
  const [taken] = await session.rows<{ rows: number }>(
    `SELECT count(*)::int AS rows FROM ${table} WHERE id >= ${from}`,
  );
  await session.rows(`SELECT setval(${sequence}, ${from - 1})`);
  await session.rows('COMMIT');
  if (taken?.rows !== reissuedIds) {
    throw new HarnessBug(`ids ${from} to ${to} do not name one row each`);
  }
  return { from, to };
}

async function hasRows({ session, table }: StagedRun, condition: string): Promise<boolean> {
  return (await session.rows(`SELECT FROM ${table} WHERE ${condition} LIMIT 1`)).length > 0;
}

async function deletedRows({ session, table }: StagedRun): Promise<number> {
  const [row] = await session.rows<{ deleted: number }>(
    `SELECT sum(pg_stat_get_tuples_deleted(relid))::int AS deleted FROM pg_partition_tree('${table}')`,
  );
  return row?.deleted ?? 0;
}

/** The same, when exactly the refused rows must have failed. */
export async function lookAroundRefused(run: StagedRun, seed: number): Promise<Stage> {
  const stage = await lookAround(run, seed);
  requireRefused(stage.failed);
  return stage;
}

/** Reads the state after the load: refused and deleted rows from the journals, existing rows from the table. */
export async function lookAround(run: StagedRun, seed: number): Promise<Stage> {
  const { session, table, schema } = run;
  // Rows of a writer below 0 were there before the load.
  const rows = await session.rows<Row>(
    `SELECT writer, seq, version FROM ${table} WHERE writer >= 0 ORDER BY writer, seq`,
  );
  const ledger = buildLedger(journalPaths(run.directory), { runId: run.runId });
  const failed: Key[] = [];
  const deleted: Key[] = [];
  const next: Key[] = [];
  for (const writer of ledger.writers()) {
    const state = ledger.writer(writer);
    if (!state) continue;
    next.push({ writer, seq: state.next });
    for (const seq of seqsOf(state.inserted('failed'))) failed.push({ writer, seq });
    for (const seq of seqsOf(state.deleted('acknowledged'))) deleted.push({ writer, seq });
  }
  const random = seededRandom(seed, 'selftest victims');
  return { schema, table, payloadBytes, rows, failed, deleted, next, random };
}

/** The failed rows of the journals must be the rows that the constraint refused. */
function requireRefused(failed: readonly Key[]): void {
  const { writer, from, to } = refused;
  const asPlanted =
    failed.length === to - from + 1 &&
    failed.every((key, index) => key.writer === writer && key.seq === from + index);
  if (!asPlanted) {
    throw new HarnessBug(
      `the journals hold ${failed.length} failed rows, which differ from the refused ones`,
    );
  }
}

function* seqsOf(ranges: readonly (readonly [number, number])[]): Generator<number> {
  for (const [from, to] of ranges) for (let seq = from; seq <= to; seq++) yield seq;
}
