import type { Credentials, Endpoint } from '../contracts/cluster.ts';
import type { NodeReading, WriterReading } from '../contracts/evidence.ts';
import type { Operation, Workload, WorkloadContext } from '../contracts/workload.ts';
import { mostValueCharacters } from '../evidence/observations/format.ts';
import { readBack } from '../evidence/readback/read-back.ts';
import { sendOperation } from '../load/send-operation.ts';
import { tracked } from '../load/tracked.ts';
import { rowHash } from '../pg/checksum.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { messageOf } from '../std/errors.ts';
import { rangesOf } from '../std/ranges.ts';
import { Breach, demand, demandEqual, type Rule, type Subject } from './rule.ts';
import { contextOf } from './workload-rules.ts';

export interface WorkloadServer {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

export interface ServedWorkload extends Subject<Workload> {
  /** A primary that takes writes: schemas are made on it and dropped again. */
  readonly server: WorkloadServer;
}

const operations = 120;
const reads = 20;
let schemas = 0;

/** The rules for every workload on a real server. */
export const workloadServerRules: readonly Rule<ServedWorkload>[] = [
  {
    says: 'sets up its tables and the marker row of the run',
    check: (subject) =>
      withTables(subject, async ({ session, context }) => {
        const rows = await session.rows<{ id: string }>(
          `SELECT id FROM ${quoteIdentifier(context.schema)}.run`,
        );
        demandEqual(rows, [{ id: context.runId }], 'the table `run` holds');
      }),
  },
  {
    says: 'answers each operation with its position in the WAL and the rows it touched',
    check: (subject) =>
      withTables(subject, async (tables) => {
        await write(tables);
      }),
  },
  {
    says: 'is read back exactly as it was written, and intact',
    check: (subject) =>
      withTables(subject, async (tables) => {
        await compare(subject, tables, await write(tables));
      }),
  },
  {
    says: 'reads without writing, and keeps no more of an answer than fits in an observation',
    check: (subject) =>
      withTables(subject, async (tables) => {
        await write(tables);
        await readAll(tables);
      }),
  },
  {
    says: 'keeps a row as it is when an update arrives once more after a later one',
    check: (subject) =>
      withTables(subject, async (tables) => {
        const written = await write(tables);
        for (const { kind, statement } of written) {
          if (kind === 'update') await tables.session.query(statement);
        }
        await compare(subject, tables, written);
      }),
  },
];

interface Tables {
  readonly session: Session;
  readonly workload: Workload;
  readonly context: WorkloadContext<never>;
}

async function withTables(
  { extension: workload, server }: ServedWorkload,
  use: (tables: Tables) => Promise<void>,
): Promise<void> {
  const runId = `conformance-${process.pid}-${(schemas += 1)}`;
  const schema = `forkpoint_${runId.replaceAll('-', '_')}`;
  const context = contextOf(workload, { runId, schema, batch: 2 });
  await using session = await connect(server.endpoint, server.credentials, {
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 60_000,
    applicationName: 'forkpoint conformance',
  });
  try {
    for (const statement of tracked(workload).setup(context)) {
      await asBreach(`\`${statement.text}\``, () => session.query(statement));
    }
    await use({ session, workload, context });
  } finally {
    await session.rows(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)} CASCADE`);
  }
}

/** Two writers in turn. Returns what they did, in order. */
async function write({ session, workload, context }: Tables): Promise<readonly Written[]> {
  const writers = [0, 1].map((number) => tracked(workload).writer(number, context));
  const hasIds = tracked(workload).table(context.params).idColumn !== undefined;
  const done: Written[] = [];
  for (let turn = 0; turn < operations; turn += 1) {
    const number = turn % 2;
    const writer = writers[number];
    if (!writer) continue;
    const operation = writer.next();
    const what = `operation ${turn}, ${operation.kind} of seq ${operation.seq}`;
    const { rows } = await asBreach(what, () =>
      sendOperation<Readonly<Record<string, unknown>>>(session, operation),
    );
    checkAnswer(rows, { operation, what, hasIds });
    writer.settle(operation, 'acknowledged');
    done.push({ ...operation, writer: number });
  }
  return done;
}

/** One reader, as the load would run it; the role of this server does not matter. */
async function readAll({ session, workload, context }: Tables): Promise<void> {
  const reader = workload.reader?.(0, context);
  if (!reader) return;
  await session.rows('SET default_transaction_read_only = on');
  for (let turn = 0; turn < reads; turn += 1) {
    const read = reader.next();
    const { rows } = await asBreach(`read '${read.name}'`, () => session.query(read.statement));
    const value = read.keep(rows);
    const what = `what is kept of '${read.name}'`;
    const text = JSON.stringify(value) as string | undefined;
    demand(text !== undefined && text.length <= mostValueCharacters, `${what} is ${text}`);
    demandEqual(JSON.parse(text), value, `${what}, through JSON, is`);
  }
  await session.rows('SET default_transaction_read_only = off');
}

interface Written extends Operation {
  readonly writer: number;
}

function checkAnswer(
  rows: readonly Readonly<Record<string, unknown>>[],
  about: { readonly operation: Operation; readonly what: string; readonly hasIds: boolean },
): void {
  const { operation, what, hasIds } = about;
  demandEqual(rows.length, 1, `${what} answers with this many rows`);
  const { lsn, timeline, touched, ids } = rows[0] ?? {};
  demand(/^[0-9A-F]+\/[0-9A-F]+$/.test(String(lsn)), `${what}: its \`lsn\` is ${String(lsn)}`);
  demand(
    /^[0-9A-F]{8}$/.test(String(timeline)),
    `${what}: its \`timeline\` is ${String(timeline)}`,
  );
  demandEqual(touched, operation.count, `${what} touched`);
  if (!hasIds || operation.kind !== 'insert') return;
  demandEqual(Array.isArray(ids) && ids.length, operation.count, `${what} answers with ids`);
}

/** Compares what was read back with what was acknowledged, which is everything: nothing failed. */
async function compare(
  { server }: ServedWorkload,
  { context, workload }: Tables,
  written: readonly Written[],
): Promise<void> {
  const expected = [0, 1].map((number) => stateOf(number, written));
  const { nodes } = await readBack({
    runId: context.runId,
    nodes: [{ name: 'server', observer: server.endpoint }],
    credentials: server.credentials,
    primary: 'server',
    converged: { ok: true, ms: 0 },
    schema: context.schema,
    table: tracked(workload).table(context.params),
    invariants: workload.invariants?.(context) ?? [],
    // Every row is read one by one: what is found must not follow from what is expected.
    expectations: expected.map(({ writer, rows }) => {
      return { writer, present: [], uncertain: rangesOf([...rows.keys()]), versions: new Map() };
    }),
    rowHash,
    content: true,
    amcheck: false,
    signal: AbortSignal.timeout(60_000),
  });
  const [node] = nodes;
  demand(node?.status === 'read', `it cannot be read back: ${node?.reason ?? 'no reading'}`);
  for (const { name, breaches, examples, problem } of node.invariants ?? []) {
    demand(problem === undefined, `its invariant '${name}' cannot be asked: ${problem ?? ''}`);
    demandEqual(breaches, 0, `${JSON.stringify(examples)}: rows that break '${name}'`);
  }
  demandEqual(node.foreign, [], 'rows of unknown writers');
  for (const state of expected) compareWriter(state, node);
}

interface WriterState {
  readonly writer: number;
  /** seq -> version of the rows that must be there. */
  readonly rows: ReadonlyMap<number, number>;
}

function stateOf(writer: number, written: readonly Written[]): WriterState {
  const rows = new Map<number, number>();
  for (const { seq, count, kind, version } of written.filter((each) => each.writer === writer)) {
    for (let row = seq; row < seq + count; row += 1) {
      if (kind === 'delete') rows.delete(row);
      else rows.set(row, version);
    }
  }
  return { writer, rows };
}

function compareWriter({ writer, rows }: WriterState, node: NodeReading): void {
  const empty: WriterReading = { writer, present: [], versions: [], corrupted: [], duplicated: [] };
  const found = node.writers.find((each) => each.writer === writer) ?? empty;
  const seqs = [...rows.keys()].sort((a, b) => a - b);
  const versions = seqs.flatMap((seq) => {
    const version = rows.get(seq) ?? 0;
    return version === 0 ? [] : [[seq, version]];
  });
  const of = `of writer ${writer}`;
  demandEqual(found.present, rangesOf(seqs), `the rows ${of} that are there`);
  demandEqual(
    [...found.versions].sort(([a], [b]) => a - b),
    versions,
    `the versions ${of}`,
  );
  demandEqual(found.corrupted, [], `rows ${of} whose checksum does not match`);
  demandEqual(found.duplicated, [], `rows ${of} that are there twice`);
}

async function asBreach<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Breach(`${what} fails: ${messageOf(error)}`, { cause: error });
  }
}
