import type { Session } from '../../pg/session.ts';
import { blockShift, firstRowOf, lastRowOf, type Digest, type RowHash } from './digest.ts';
import type { FoundRow } from './reading-builder.ts';

/** Blocks read in one statement at the most: keeps an answer to about a hundred thousand rows. */
const blocksPerRead = 32;

/** Blocks of one writer to be read row by row, and what a sequential scan of the same snapshot counted in each. */
export interface SuspectBlocks {
  readonly writer: number;
  /** Ascending. */
  readonly keys: readonly number[];
  readonly scanned: ReadonlyMap<number, Digest>;
}

/**
 * Reads rows by key, and holds them against what a sequential scan of the same snapshot counted: a damaged index hides
 * rows that are there, or gives others in their place. Where the two differ, what is there is read without the index.
 */
export class BlockReader {
  readonly #session: Session;
  readonly #query: string;
  readonly #hash: RowHash;
  /** What an index said against the sequential scan, one sentence each. */
  readonly contradictions: string[] = [];

  constructor(session: Session, query: string, hash: RowHash) {
    this.#session = session;
    this.#query = query;
    this.#hash = hash;
  }

  /** Errors: SqlError; Error where not even two sequential scans of one snapshot agree. */
  async *rows({ writer, keys, scanned }: SuspectBlocks): AsyncGenerator<readonly FoundRow[]> {
    for (const [first, last] of runsOf(keys, blocksPerRead)) {
      const values = [writer, firstRowOf(first), lastRowOf(last)];
      const read = () => this.#session.rows<FoundRow>(this.#query, values);
      let rows = await read();
      const against = this.#contradiction(rows, [first, last], scanned);
      if (against !== undefined) {
        this.contradictions.push(`an index gives ${against} of writer ${writer}`);
        rows = await withoutIndexes(this.#session, read);
        const again = this.#contradiction(rows, [first, last], scanned);
        if (again !== undefined) throw new Error(`two scans of one snapshot differ: ${again}`);
      }
      yield rows;
    }
  }

  #contradiction(
    rows: readonly FoundRow[],
    [first, last]: readonly [number, number],
    scanned: ReadonlyMap<number, Digest>,
  ): string | undefined {
    const blocks = Map.groupBy(rows, ({ seq }) => seq >> blockShift);
    for (let key = first; key <= last; key++) {
      const found = digestOf(blocks.get(key) ?? [], this.#hash);
      const counted = scanned.get(key) ?? { count: 0, high: 0, low: 0 };
      if (found.count === counted.count && found.high === counted.high && found.low === counted.low)
        continue;
      const others = found.count === counted.count ? 'other rows than' : `${found.count} rows, not`;
      return `${others} the ${counted.count} that a sequential scan counts between keys ${firstRowOf(key)} and ${lastRowOf(key)}`;
    }
    return undefined;
  }
}

/** As the server digests them: a row without a version has no hash. */
function digestOf(rows: readonly FoundRow[], hash: RowHash): Digest {
  const sum = { count: rows.length, high: 0, low: 0 };
  for (const { seq, version } of rows) {
    if (version === null) continue;
    const { high, low } = hash(seq, version);
    sum.high ^= high;
    sum.low ^= low;
  }
  return sum;
}

/** Runs a read whose statement can use no index. Sorting, which reading does without, is what it does instead. */
export async function withoutIndexes<T>(session: Session, read: () => Promise<T>): Promise<T> {
  const allow = (indexes: 'on' | 'off', sort: 'on' | 'off') =>
    session.rows(`SELECT set_config(name, value, false) FROM (VALUES
      ('enable_indexscan', '${indexes}'), ('enable_bitmapscan', '${indexes}'),
      ('enable_sort', '${sort}')) AS setting (name, value)`);
  await allow('off', 'on');
  const found = await read();
  await allow('on', 'off');
  return found;
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
