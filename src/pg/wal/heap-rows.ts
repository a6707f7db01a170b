import { type HeapTuple, tuplesIn } from './heap-page.ts';
import { completed, type TupleChange, tupleChanges } from './heap-records.ts';
import { type BlockPart, recordParts } from './record-parts.ts';
import type { WalRecord } from './records.ts';

/** A row that a record writes or deletes. `tuple` undefined: it is not whole in the WAL, and `why` says so, or of no shape that is kept. */
export interface HeapChange {
  readonly kind: 'write' | 'delete';
  readonly relation: string;
  readonly tuple: HeapTuple | undefined;
  readonly why?: string;
}

const magicOf15 = 0xd110;
const onlyChanged = 'the record has only what the update changed of the row';
const noImage = 'the deleted row is not in this WAL';

/**
 * Follows the tables' pages through WAL, as far as it shows them: an update may hold only what it changed, and a delete only the place
 * of the row, which an earlier record or a full-page image tells. Receives every record, in order.
 * `keeps`: which tuples to remember, for catalogs and other tables pass by, too.
 */
export class HeapRows {
  readonly #pages = new Map<string, Map<number, HeapTuple>>();
  readonly #keeps: (tuple: HeapTuple) => boolean;

  constructor(keeps: (tuple: HeapTuple) => boolean) {
    this.#keeps = keeps;
  }

  /** Errors: RangeError for a record that is not as PostgreSQL writes it. */
  add({ pages }: Pick<WalRecord, 'pages'>): readonly HeapChange[] {
    // Flags of images are others before.
    if (!pages || pages.pageMagic < magicOf15) return [];
    const parts = recordParts(pages.record);
    if (!parts) return [];
    for (const block of parts.blocks) this.#see(block);
    return tupleChanges(pages, parts).map((change) => this.#changed(change));
  }

  #see({ image, ...block }: BlockPart): void {
    if (!image || block.fork !== 0) return;
    const page = new Map<number, HeapTuple>();
    for (const [offset, tuple] of tuplesIn(image) ?? []) {
      if (this.#keeps(tuple)) page.set(offset, copied(tuple));
    }
    this.#pages.set(nameOf(block), page);
  }

  #changed(change: TupleChange): HeapChange {
    const { block, offset } = change;
    const { relation } = block;
    const known = this.#pages.get(nameOf(block))?.get(offset);
    if (change.kind === 'delete') {
      return { kind: 'delete', relation, tuple: known, ...(!known && { why: noImage }) };
    }
    const { written, old } = change;
    if (!written) {
      const { compression = 'none' } = block.image ?? {};
      const isReadable = compression === 'none' || compression === 'pglz';
      const why = isReadable ? undefined : `full-page image is compressed (${compression})`;
      return { kind: 'write', relation, tuple: known, ...(why !== undefined && { why }) };
    }
    const isWhole = written.sameBefore === 0 && written.sameAfter === 0;
    const before = old && this.#pages.get(nameOf(old.block))?.get(old.offset);
    const tuple = isWhole ? written : before && completed(written, before);
    this.#put(block, offset, tuple);
    const why = !tuple && this.#keeps(written) ? onlyChanged : undefined;
    return { kind: 'write', relation, tuple, ...(why !== undefined && { why }) };
  }

  /** What stood there before is gone, whether what stands there now is known or not. */
  #put(block: BlockPart, offset: number, tuple: HeapTuple | undefined): void {
    const name = nameOf(block);
    const page = this.#pages.get(name) ?? new Map<number, HeapTuple>();
    if (tuple && this.#keeps(tuple)) page.set(offset, copied(tuple));
    else page.delete(offset);
    this.#pages.set(name, page);
  }
}

function nameOf({ relation, block }: Pick<BlockPart, 'relation' | 'block'>): string {
  return `${relation}:${block}`;
}

/** A view would keep the whole file in memory. */
function copied(tuple: HeapTuple): HeapTuple {
  return { ...tuple, body: Buffer.from(tuple.body) };
}
