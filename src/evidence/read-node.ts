import type { NodeReading, Ranges, WriterReading } from '../contracts/evidence.ts';
import type { TrackedTable } from '../contracts/workload.ts';
import type { Session } from '../pg/connect.ts';
import { quoteIdentifier } from '../pg/quote.ts';
import { agrees, blockShift, digestQuery, firstRowOf, lastRowOf } from './digest.ts';
import { rowsQuery, splitDigest } from './digest.ts';
import type { BlockDigest, Digest, Expectation } from './digest.ts';
import { contains, intersect, normalize, union } from './ranges.ts';

export interface WriterExpectation {
  readonly expectation: Expectation;
  readonly blocks: ReadonlyMap<number, BlockDigest>;
}

export interface ReadRequest {
  readonly schema: string;
  readonly table: TrackedTable;
  readonly content: boolean;
  readonly writers: ReadonlyMap<number, WriterExpectation>;
}

export type Content = Pick<NodeReading, 'rows' | 'writers' | 'foreign' | 'partitions' | 'ids'>;

interface FoundBlock extends Digest {
  readonly bad: number;
}
type FoundBlocks = ReadonlyMap<number, ReadonlyMap<number, FoundBlock>>;

/** Blocks read in one statement at the most: keeps an answer to about a hundred thousand rows. */
const blocksPerRead = 32;
const foreignSeqsKept = 1000;

/**
 * Reads all rows of a run's table on one node: by digest where a block is as expected, row by row elsewhere.
 * Errors: SqlError. One snapshot: the caller has begun a repeatable read transaction.
 */
export async function readContent(session: Session, request: ReadRequest): Promise<Content> {
  const table = `${quoteIdentifier(request.schema)}.${quoteIdentifier(request.table.name)}`;
  const found = await readDigests(session, digestQuery(table, request));
  const writers: WriterReading[] = [];
  for (const [writer, expected] of request.writers) {
    const blocks = found.get(writer) ?? new Map<number, FoundBlock>();
    writers.push(await readWriter(session, rowsQuery(table, request), expected, blocks));
  }
  let rows = 0;
  for (const blocks of found.values()) for (const { count } of blocks.values()) rows += count;
  const foreign = await readForeign(session, table, request, found);
  const partitions = await countPartitions(session, request);
  const { idColumn } = request.table;
  const ids = idColumn === undefined ? undefined : await readIds(session, table, idColumn);
  return { rows, writers, foreign, partitions, ...(ids && { ids }) };
}

async function readDigests(session: Session, query: string): Promise<FoundBlocks> {
  interface Row {
    readonly writer: number;
    readonly block: number;
    readonly count: number;
    readonly digest: string;
    readonly bad: number;
  }
  const found = new Map<number, Map<number, FoundBlock>>();
  for (const { writer, block, count, digest, bad } of await session.rows<Row>(query)) {
    let blocks = found.get(writer);
    if (!blocks) found.set(writer, (blocks = new Map<number, FoundBlock>()));
    blocks.set(block, { count, bad, ...splitDigest(digest) });
  }
  return found;
}

async function readWriter(
  session: Session,
  query: string,
  { expectation, blocks }: WriterExpectation,
  found: ReadonlyMap<number, FoundBlock>,
): Promise<WriterReading> {
  const reading = new ReadingBuilder(expectation);
  const suspect: number[] = [];
  const keys = new Set([...blocks.keys(), ...found.keys()]);
  for (const key of [...keys].sort((a, b) => a - b)) {
    const expected = blocks.get(key);
    const actual = found.get(key);
    if (!actual) continue;
    if (expected && actual.bad === 0 && agrees(expected, actual)) reading.addBlock(key);
    else suspect.push(key);
  }
  for (const [first, last] of runsOf(suspect, blocksPerRead)) {
    const values = [expectation.writer, firstRowOf(first), lastRowOf(last)];
    for (const row of await session.rows<FoundRow>(query, values)) reading.addRow(row);
  }
  return reading.finish();
}

interface FoundRow {
  readonly seq: number;
  readonly version: number;
  readonly ok: boolean;
}

/** Collects one writer's rows: whole blocks that are as expected, and single rows as they come, ascending. */
class ReadingBuilder {
  private readonly expectation: Expectation;
  private readonly agreed = new Set<number>();
  private readonly ranges: [number, number][] = [];
  private readonly versions = new Map<number, number>();
  private readonly corrupted = new Set<number>();
  private readonly copies = new Map<number, number>();

  constructor(expectation: Expectation) {
    this.expectation = expectation;
  }

  addBlock(key: number): void {
    this.agreed.add(key);
  }

  addRow({ seq, version, ok }: FoundRow): void {
    if (!ok) this.corrupted.add(seq);
    const last = this.ranges.at(-1);
    if (last?.[1] === seq) this.copies.set(seq, (this.copies.get(seq) ?? 1) + 1);
    else if (last?.[1] === seq - 1) last[1] = seq;
    else this.ranges.push([seq, seq]);
    // Copies come in the order of their versions: the newest stands for the row.
    if (version !== 0) this.versions.set(seq, version);
  }

  finish(): WriterReading {
    const { writer, present, versions } = this.expectation;
    const blocks = normalize([...this.agreed].map((key) => [firstRowOf(key), lastRowOf(key)]));
    for (const [seq, version] of versions) {
      const isExpected = this.agreed.has(seq >> blockShift) && contains(present, seq);
      if (isExpected) this.versions.set(seq, version);
    }
    return {
      writer,
      present: union(intersect(present, blocks), normalize(this.ranges)),
      versions: [...this.versions].sort(([a], [b]) => a - b),
      corrupted: [...this.corrupted].sort((a, b) => a - b),
      duplicated: [...this.copies].sort(([a], [b]) => a - b),
    };
  }
}

/** Ascending keys as runs [first, last] of neighbours, none longer than `limit`. */
function runsOf(keys: readonly number[], limit: number): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const key of keys) {
    const last = runs.at(-1);
    if (last?.[1] === key - 1 && key - last[0] < limit) last[1] = key;
    else runs.push([key, key]);
  }
  return runs;
}

async function readForeign(
  session: Session,
  table: string,
  request: ReadRequest,
  found: FoundBlocks,
): Promise<NodeReading['foreign']> {
  const foreign = [];
  for (const [writer, blocks] of found) {
    if (request.writers.has(writer)) continue;
    const count = [...blocks.values()].reduce((sum, block) => sum + block.count, 0);
    const query = `SELECT seq FROM ${table} WHERE writer = $1 ORDER BY seq LIMIT ${foreignSeqsKept}`;
    const rows = await session.rows<{ seq: number }>(query, [writer]);
    foreign.push({ writer, count, seqs: rows.map(({ seq }) => seq) });
  }
  return foreign;
}

async function countPartitions(
  session: Session,
  { schema, table }: ReadRequest,
): Promise<NodeReading['partitions']> {
  const counted = [];
  for (const name of table.partitions) {
    const quoted = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
    const [row] = await session.rows<{ rows: number }>(
      `SELECT count(*)::float8 AS rows FROM ${quoted}`,
    );
    counted.push({ name, rows: row?.rows ?? 0 });
  }
  return counted;
}

/** Server-made ids as ranges: rows whose id and rank differ by the same number are neighbours. */
async function readIds(session: Session, table: string, column: string): Promise<Ranges> {
  const id = quoteIdentifier(column);
  const query = `SELECT min(id)::float8 AS "from", max(id)::float8 AS "to"
    FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS gap
          FROM (SELECT DISTINCT ${id} AS id FROM ${table}) AS ids) AS ranked
    GROUP BY gap ORDER BY 1`;
  const rows = await session.rows<{ from: number; to: number }>(query);
  return rows.map(({ from, to }) => [from, to] as const);
}
