import type { DeliveredChange } from '../../contracts/downstream.ts';
import type { DownstreamResult } from '../../contracts/result/downstream.ts';
import { ByWrite, type Write } from './by-write.ts';
import type { Histories } from './fold-changes.ts';
import { differingRows, lastStates } from './sink-rows.ts';
import type { WriterHistory } from './writer-history.ts';

const rangesNamed = 20;

type RowCounts = Omit<
  DownstreamResult,
  'name' | 'consumer' | 'reason' | 'gaps' | 'starts' | 'stopped' | 'confirmedLsn'
>;

/**
 * Judges a sink that has the rows themselves, with every change applied: of a row its insert, its last version and its delete leave a
 * trace. Whether the others have passed through it, how often, in which order and when, is not known.
 */
export function judgeRows(rows: readonly DeliveredChange[], histories: Histories): RowCounts {
  const states = lastStates(rows);
  let uncertain = 0;
  let delivered = 0;
  const missing = new Map<number, ByWrite<true>>();
  for (const [writer, history] of histories) {
    const lacks = new ByWrite<true>();
    for (const write of history.certain) {
      const isThere = wasDelivered(write, states.get(writer)?.get(write.seq), history);
      if (isThere === null) uncertain++;
      else if (isThere) delivered++;
      else lacks.add(write, true);
    }
    uncertain += history.uncertain;
    missing.set(writer, lacks);
  }
  const phantoms = rows.filter((row) => {
    const write = { ...row, kind: row.version === 0 ? 'insert' : 'update' } as const;
    const history = histories.get(row.writer);
    return !history || history.fateOf(write) === 'off';
  });
  const unsound = rows.filter(({ isSound }) => isSound === false);
  const missed = [...missing.values()].reduce((sum, { size }) => sum + size, 0);
  return {
    expected: delivered + missed,
    delivered,
    missing: missed,
    missingAt: null,
    skipped: null,
    duplicates: null,
    outOfOrder: null,
    corrupted: unsound.length,
    phantoms: phantoms.length,
    uncertain,
    differing: differingRows(states, histories),
    longestLagMs: null,
    missingRanges: [...missing]
      .flatMap(([writer, lacks]) => lacks.ranges(writer))
      .map((range) => ({ ...range, at: 'unknown' as const }))
      .slice(0, rangesNamed),
    anomalies: [
      ...unsound.slice(0, rangesNamed).map(anomaly('corrupted')),
      ...phantoms.slice(0, rangesNamed).map(anomaly('phantom')),
    ],
  };
}

/** By what is there of its row; null: that does not tell. */
function wasDelivered(
  { kind, seq, version }: Write,
  found: number | undefined,
  history: WriterHistory,
): boolean | null {
  const isGone = history.fateOf({ kind: 'delete', seq, version: 0 }) === 'on';
  if (kind === 'delete') return found === undefined;
  if (isGone) return kind === 'insert' && found !== undefined ? true : null;
  if (kind === 'insert') return found !== undefined;
  if (version < history.versionOf(seq)) return null;
  if (found === undefined || found < version) return false;
  return found === version ? true : null;
}

function anomaly(kind: 'corrupted' | 'phantom') {
  return ({ writer, seq, version }: DeliveredChange) => {
    const row = { kind, writer, from: seq, to: seq };
    return version === 0
      ? row
      : { ...row, operation: 'update' as const, versions: [version, version] as const };
  };
}
