import type { DeliveredChange } from '../../contracts/downstream.ts';
import { count, rangesOf, subtract } from '../../std/ranges.ts';
import type { Histories } from './fold-changes.ts';

/** By writer and seq: the version of each row that is there. */
export type RowVersions = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** What is left of each row after all changes, in the order in which they were delivered. */
export function lastStates(changes: Iterable<DeliveredChange>): RowVersions {
  const rows = new Map<number, Map<number, number>>();
  for (const { kind, writer, seq, version } of changes) {
    const own = rows.get(writer) ?? new Map<number, number>();
    rows.set(writer, own);
    if (kind === 'delete') own.delete(seq);
    else own.set(seq, version);
  }
  return rows;
}

/** How many rows are there and not on the final primary, or the other way round, or in another version. */
export function differingRows(rows: RowVersions, histories: Histories): number {
  let differing = 0;
  for (const writer of new Set([...rows.keys(), ...histories.keys()])) {
    const own = rows.get(writer) ?? new Map<number, number>();
    const history = histories.get(writer);
    const present = history?.present ?? [];
    const there = rangesOf(own.keys());
    differing += count(subtract(present, there)) + count(subtract(there, present));
    for (const [from, to] of present) {
      for (let seq = from; seq <= to; seq++) {
        const version = own.get(seq);
        if (version !== undefined && version !== history?.versionOf(seq)) differing++;
      }
    }
  }
  return differing;
}
