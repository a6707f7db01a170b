import type { OperationRecord } from '../../contracts/evidence.ts';
import { journalRecords, readJournal, type JournalExpectation } from './journal.ts';

/** A moment of an operation, in the order of time over all journals of a run. */
export interface Moment {
  readonly edge: 'invoke' | 'complete';
  readonly atUs: number;
  readonly record: OperationRecord;
  readonly nodes: readonly string[];
  /** Breaks ties: a writer's answer comes before its next operation. */
  readonly order: number;
}

interface Source {
  readonly records: Iterator<OperationRecord, unknown>;
  readonly nodes: readonly string[];
  /** Nothing that is still to be read was invoked before this. */
  frontierUs: number;
  answeredUs: number;
}

/**
 * Merges journals by time. A journal is in the order of answers, so an operation was invoked at most the longest
 * latency before its place: only that much is held in memory.
 */
export function* mergeHistory(
  paths: readonly string[],
  expected: JournalExpectation = {},
): Generator<Moment> {
  let longestUs = 0;
  const sources = paths.map((path): Source => {
    const longest = (latencyUs: number) => (longestUs = Math.max(longestUs, latencyUs));
    const { header } = readJournal(path, expected, {
      record: (cursor) => longest(cursor.latencyUs),
    });
    const nodes = header?.nodes ?? [];
    return { records: journalRecords(path), nodes, frontierUs: -Infinity, answeredUs: -Infinity };
  });
  const heap = new MomentHeap();
  const freeAtUs = new Map<number, number>();
  for (let order = 0; ; order += 2) {
    const source = earliest(sources);
    while (heap.size > 0 && heap.firstUs < (source?.frontierUs ?? Infinity)) yield heap.take();
    if (!source) return;
    const { value, done } = source.records.next();
    if (done) {
      source.frontierUs = Infinity;
      continue;
    }
    const { writer, sentUs, latencyUs } = value;
    // Rounding to microseconds must not make an operation begin before its writer's last one ended.
    const invokedUs = Math.max(sentUs, freeAtUs.get(writer) ?? 0);
    const answeredUs = Math.max(sentUs + latencyUs, invokedUs);
    freeAtUs.set(writer, answeredUs);
    source.answeredUs = Math.max(source.answeredUs, answeredUs);
    source.frontierUs = source.answeredUs - longestUs;
    const moment = { record: value, nodes: source.nodes };
    heap.add({ ...moment, edge: 'invoke', atUs: invokedUs, order });
    heap.add({ ...moment, edge: 'complete', atUs: answeredUs, order: order + 1 });
  }
}

function earliest(sources: readonly Source[]): Source | undefined {
  let first: Source | undefined;
  for (const source of sources) {
    if (source.frontierUs < (first?.frontierUs ?? Infinity)) first = source;
  }
  return first;
}

/** A binary heap by (time, order). */
class MomentHeap {
  readonly #items: Moment[] = [];

  get size(): number {
    return this.#items.length;
  }

  get firstUs(): number {
    return this.#items[0]?.atUs ?? Infinity;
  }

  add(moment: Moment): void {
    const items = this.#items;
    let at = items.push(moment) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = items[parent];
      if (!above || !isBefore(moment, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = moment;
  }

  take(): Moment {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (!first || !last) throw new RangeError('take from an empty heap');
    if (items.length > 0) this.#sink(last);
    return first;
  }

  #sink(moment: Moment): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let below = items[child];
      const right = items[child + 1];
      if (below && right && isBefore(right, below)) {
        below = right;
        child++;
      }
      if (!below || !isBefore(below, moment)) break;
      items[at] = below;
      at = child;
    }
    items[at] = moment;
  }
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
