import type { OperationRecord } from '../../contracts/evidence.ts';
import type { LostRange } from '../../contracts/result.ts';
import { KIND, OUTCOME } from './format.ts';
import { LostIndex } from './lost-index.ts';

type Operation = Pick<OperationRecord, 'kind' | 'outcome' | 'writer' | 'seq' | 'count' | 'version'>;

/** Whether a journaled operation is one of those behind lost ranges. */
export function lostOperations(ranges: Iterable<LostRange>): (operation: Operation) => boolean {
  const index = new LostIndex(acknowledged(ranges));
  return ({ kind, outcome, writer, seq, count, version }) => {
    if (outcome !== 'acknowledged') return false;
    const numbers = { kind: KIND[kind], outcome: OUTCOME[outcome], writer, seq, count, version };
    return index.lostOf(numbers).length > 0;
  };
}

const allVersions = [0, Infinity] as const;

/** What its client was warned of is not counted as lost. */
function* acknowledged(ranges: Iterable<LostRange>) {
  for (const { writer, kind, from, to, versions, cause } of ranges) {
    if (cause === 'localOnly') continue;
    const rows = { writer, kind, from, to, outcome: 'acknowledged' } as const;
    yield kind === 'update' ? { ...rows, versions: versions ?? allVersions } : rows;
  }
}
