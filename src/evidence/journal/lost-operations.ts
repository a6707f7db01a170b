import type { OperationRecord } from '../../contracts/evidence.ts';
import type { LostRange } from '../../contracts/result.ts';

type Operation = Pick<OperationRecord, 'kind' | 'outcome' | 'writer' | 'seq' | 'count' | 'version'>;

/** Whether a journaled operation is one of those behind a result's lost ranges. */
export function lostOperations(ranges: readonly LostRange[]): (operation: Operation) => boolean {
  const byWriter = Map.groupBy(ranges, ({ writer }) => writer);
  return ({ kind, outcome, writer, seq, count, version }) => {
    if (outcome !== 'acknowledged') return false;
    const last = seq + count - 1;
    return (byWriter.get(writer) ?? []).some((range) => {
      if (range.kind !== kind || range.cause === 'localOnly') return false;
      const { versions } = range;
      const isVersion = !versions || (versions[0] <= version && version <= versions[1]);
      return isVersion && seq <= range.to && last >= range.from;
    });
  };
}
