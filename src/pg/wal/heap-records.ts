import { type HeapTuple, heapTuple } from './heap-page.ts';
import type { BlockPart, RecordParts } from './record-parts.ts';
import type { ChangedPages } from './records.ts';

/** What a record says of a tuple of its page `block`; the page's image, where it has one, says the rest. */
export type TupleChange =
  | {
      readonly kind: 'write';
      readonly block: BlockPart;
      readonly offset: number;
      /** Undefined: it is in the page's image. */
      readonly written: WrittenTuple | undefined;
      /** Of an update: the version that it replaces. */
      readonly old?: { readonly block: BlockPart; readonly offset: number };
    }
  | { readonly kind: 'delete'; readonly block: BlockPart; readonly offset: number };

/** A tuple without what it has in common with the version before: bytes at the begin and at the end of its values. */
export interface WrittenTuple extends HeapTuple {
  readonly sameBefore: number;
  readonly sameAfter: number;
}

const heap2 = 9;
const heap = 10;
const operationMask = 0x70;
const initBit = 0x80;
const operations = { insert: 0x00, delete: 0x10, update: 0x20, hotUpdate: 0x40 };
const multiInsert = 0x50;
const updateHas = { sameBefore: 0x20, sameAfter: 0x40 };

/** The rows that a record of Heap or Heap2 writes or deletes. Source: PostgreSQL, heapam_xlog.h, heapam.c; the same in 15 to 17. */
export function tupleChanges(
  { resource, info }: Pick<ChangedPages, 'resource' | 'info'>,
  { blocks, main }: RecordParts,
): readonly TupleChange[] {
  const [block] = blocks;
  if (!block) return [];
  const operation = info & operationMask;
  if (resource === heap2) {
    const isInit = (info & initBit) !== 0;
    return operation === multiInsert ? inserted(block, main, isInit) : [];
  }
  if (resource !== heap) return [];
  if (operation === operations.insert) {
    const written = block.data.length > 0 ? wholeTuple(block.data) : undefined;
    return [{ kind: 'write', block, offset: main.readUInt16LE(0), written }];
  }
  if (operation === operations.delete) {
    return [{ kind: 'delete', block, offset: main.readUInt16LE(4) }];
  }
  if (operation === operations.update || operation === operations.hotUpdate) {
    const old = { block: blocks[1] ?? block, offset: main.readUInt16LE(4) };
    const written = block.data.length > 0 ? updatedTuple(block.data, main.readUInt8(7)) : undefined;
    return [{ kind: 'write', block, offset: main.readUInt16LE(12), written, old }];
  }
  return [];
}

function wholeTuple(data: Buffer): WrittenTuple {
  const tuple = heapTuple(headerAt(data, 0), data.subarray(5));
  return { ...tuple, sameBefore: 0, sameAfter: 0 };
}

function updatedTuple(data: Buffer, flags: number): WrittenTuple {
  let at = 0;
  const take = (bit: number) => {
    if ((flags & bit) === 0) return 0;
    at += 2;
    return data.readUInt16LE(at - 2);
  };
  const [sameBefore, sameAfter] = [take(updateHas.sameBefore), take(updateHas.sameAfter)];
  return { ...heapTuple(headerAt(data, at), data.subarray(at + 5)), sameBefore, sameAfter };
}

/** Each begins at an even place. Their offsets are left out where the page is new: they ascend from 1 there. */
function inserted(block: BlockPart, main: Buffer, isInit: boolean): readonly TupleChange[] {
  const count = main.readUInt16LE(2);
  const changes: TupleChange[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const offset = isInit ? index + 1 : main.readUInt16LE(4 + 2 * index);
    let written: WrittenTuple | undefined;
    if (block.data.length > 0) {
      at += at % 2;
      const bytes = block.data.readUInt16LE(at);
      const body = block.data.subarray(at + 7, at + 7 + bytes);
      written = { ...heapTuple(headerAt(block.data, at + 2), body), sameBefore: 0, sameAfter: 0 };
      at += 7 + bytes;
    }
    changes.push({ kind: 'write', block, offset, written });
  }
  return changes;
}

function headerAt(data: Buffer, at: number): readonly [number, number, number] {
  return [data.readUInt16LE(at), data.readUInt16LE(at + 2), data.readUInt8(at + 4)];
}

/** The tuple with what it has in common with the version before, whose values are `old`'s. */
export function completed(written: WrittenTuple, old: HeapTuple): HeapTuple {
  const { sameBefore, sameAfter, ...tuple } = written;
  const { body, valuesAt } = tuple;
  const parts = [
    body.subarray(0, valuesAt),
    old.body.subarray(old.valuesAt, old.valuesAt + sameBefore),
    body.subarray(valuesAt),
    old.body.subarray(old.body.length - sameAfter),
  ];
  return { ...tuple, body: Buffer.concat(parts) };
}
