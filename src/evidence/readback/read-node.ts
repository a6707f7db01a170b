import type { NodeReading, Ranges, WriterReading } from '../../contracts/evidence.ts';
import type { Invariant, TrackedTable } from '../../contracts/workload.ts';
import type { Session } from '../../pg/session.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import { agrees, digestQuery, rowsQuery, splitDigest } from './digest.ts';
import type { BlockDigest, Digest, Expectation, RowHash } from './digest.ts';
import { BlockReader, withoutIndexes } from './read-blocks.ts';
import { readSource } from './read-source.ts';
import { ReadingBuilder } from './reading-builder.ts';

export interface WriterExpectation {
  readonly expectation: Expectation;
  readonly blocks: ReadonlyMap<number, BlockDigest>;
}

export interface ReadRequest {
  /** Whose it is; absent: the load's own. */
  readonly group?: string;
  readonly schema: string;
  readonly table: TrackedTable;
  readonly invariants: readonly Invariant[];
  readonly content: boolean;
  readonly rowHash: RowHash;
  readonly writers: ReadonlyMap<number, WriterExpectation>;
  /** Of groups with workloads of their own. */
  readonly others?: readonly ReadRequest[];
}

export type Content = Pick<
  NodeReading,
  'rows' | 'unkeyed' | 'writers' | 'foreign' | 'partitions' | 'ids' | 'structure' | 'tables'
>;

interface FoundBlock extends Digest {
  readonly bad: number;
}
type FoundBlocks = ReadonlyMap<number, ReadonlyMap<number, FoundBlock>>;

const foreignSeqsKept = 1000;

/**
 * Reads all rows of a run's table on one node: by digest where a block is as expected, row by row elsewhere.
 * Errors: SqlError. One snapshot: the caller has begun a repeatable read transaction.
 */
export async function readContent(session: Session, request: ReadRequest): Promise<Content> {
  const { schema, table } = request;
  const source = await readSource(session, schema, table);
  const { found, unkeyed } = await readDigests(session, digestQuery(source.from, request));
  const blocks = new BlockReader(session, rowsQuery(source.from, request), request.rowHash);
  const writers: WriterReading[] = [];
  for (const [writer, expected] of request.writers) {
    writers.push(await readWriter(blocks, expected, found.get(writer) ?? new Map()));
  }
  let rows = unkeyed;
  for (const each of found.values()) for (const { count } of each.values()) rows += count;
  const foreign = await readForeign(session, { from: source.from, request, found, blocks });
  const ids =
    table.idColumn === undefined ? undefined : await readIds(session, source.from, table.idColumn);
  const broken = findings({
    unkeyed,
    withoutId: ids?.without ?? 0,
    contradictions: blocks.contradictions,
  });
  return {
    rows,
    writers,
    foreign,
    partitions: source.partitions,
    ...(unkeyed > 0 && { unkeyed }),
    ...(ids && { ids: ids.ranges }),
    structure: [
      ...source.structure,
      ...broken.map((message) => ({ relation: table.name, message })),
    ],
  };
}

function findings(found: {
  readonly unkeyed: number;
  readonly withoutId: number;
  readonly contradictions: readonly string[];
}): readonly string[] {
  const { unkeyed, withoutId, contradictions } = found;
  const more = contradictions.length > 1 ? ` (and ${contradictions.length - 1} times more)` : '';
  return [
    ...(unkeyed > 0 ? [`${unkeyed} rows have no key: their writer or seq is NULL`] : []),
    ...(withoutId > 0 ? [`${withoutId} rows have no server-made id: it is NULL`] : []),
    ...contradictions
      .slice(0, 1)
      .map((first) => `${first}${more}. It was read without the index: REINDEX it`),
  ];
}

async function readDigests(session: Session, query: string) {
  interface Row {
    readonly writer: number | null;
    readonly block: number | null;
    readonly count: number;
    readonly digest: string;
    readonly bad: number;
  }
  const found = new Map<number, Map<number, FoundBlock>>();
  let unkeyed = 0;
  for (const { writer, block, count, digest, bad } of await session.rows<Row>(query)) {
    if (writer === null || block === null) {
      unkeyed += count;
      continue;
    }
    let blocks = found.get(writer);
    if (!blocks) found.set(writer, (blocks = new Map<number, FoundBlock>()));
    blocks.set(block, { count, bad, ...splitDigest(digest) });
  }
  return { found, unkeyed };
}

async function readWriter(
  reader: BlockReader,
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
  const { writer } = expectation;
  for await (const rows of reader.rows({ writer, keys: suspect, scanned: found })) {
    for (const row of rows) reading.addRow(row);
  }
  return reading.finish();
}

interface ForeignSearch {
  readonly from: string;
  readonly request: ReadRequest;
  readonly found: FoundBlocks;
  readonly blocks: BlockReader;
}

async function readForeign(
  session: Session,
  { from, request, found, blocks: { contradictions } }: ForeignSearch,
): Promise<NodeReading['foreign']> {
  const foreign = [];
  for (const [writer, blocks] of found) {
    if (request.writers.has(writer)) continue;
    const count = [...blocks.values()].reduce((sum, block) => sum + block.count, 0);
    const query = `SELECT seq FROM ${from} WHERE writer = $1 AND seq IS NOT NULL
      ORDER BY seq LIMIT ${foreignSeqsKept}`;
    const read = () => session.rows<{ seq: number }>(query, [writer]);
    let rows = await read();
    if (rows.length !== Math.min(count, foreignSeqsKept)) {
      contradictions.push(
        `an index gives ${rows.length} rows, not the ${count} that a sequential scan counts, of writer ${writer}`,
      );
      rows = await withoutIndexes(session, read);
    }
    foreign.push({ writer, count, seqs: rows.map(({ seq }) => seq) });
  }
  return foreign;
}

/** Server-made ids as ranges: rows whose id and rank differ by the same number are neighbours. */
async function readIds(session: Session, from: string, column: string) {
  const id = quoteIdentifier(column);
  const query = `SELECT min(id)::float8 AS "from", max(id)::float8 AS "to"
    FROM (SELECT id, id - row_number() OVER (ORDER BY id) AS gap
          FROM (SELECT DISTINCT ${id} AS id FROM ${from} WHERE ${id} IS NOT NULL) AS ids) AS ranked
    GROUP BY gap ORDER BY 1`;
  const rows = await session.rows<{ from: number; to: number }>(query);
  const [none] = await session.rows<{ rows: number }>(
    `SELECT count(*)::float8 AS rows FROM ${from} WHERE ${id} IS NULL`,
  );
  const ranges: Ranges = rows.map((range) => [range.from, range.to] as const);
  return { ranges, without: none?.rows ?? 0 };
}
