import type { LostRange, Result } from '../../contracts/result.ts';
import { extent } from '../../std/units/extent.ts';
import { faultsAround } from './faults-around.ts';
import { counted, countedPlural } from './counted.ts';
import { bytes, grouped, listed, seconds } from './format.ts';

/** How many acknowledged writes are lost, where, when, and which faults there were then. */
export function lostSentence(result: Result, lost: number): string {
  const of = `Lost ${counted(result, lost)} of ${countedPlural(result, result.writes.acknowledged, 'acknowledged write')}`;
  const ranges = countedRanges(result);
  const times = extent(ranges.flatMap(({ ackedAtMs }) => ackedAtMs));
  if (!times) return `${of}.`;
  const [from, to] = times;
  const when = `acknowledged between ${seconds(from)} and ${seconds(to)}`;
  return `${of}: ${whereabouts(ranges, result)}, ${when}${faultsAround(result.faults, from, to)}.`;
}

/** Of writes that count as lost: those acknowledged with a warning have a count of their own. */
export function countedRanges({ lostRanges }: Pick<Result, 'lostRanges'>): readonly LostRange[] {
  return lostRanges.filter(({ cause }) => cause !== 'localOnly');
}

/** 'all on pg1, timeline 1, past fork point 0/54686E8', or each place with its share. */
function whereabouts(ranges: readonly LostRange[], result: Result): string {
  const places = Map.groupBy(ranges, (range) => placeOf(range, result));
  const [only] = places.keys();
  if (places.size === 1 && only !== undefined) return `all ${only}`;
  return listed([...places].map(([place, there]) => `${writesIn(there)} ${place}`));
}

function placeOf({ node, timeline, cause }: LostRange, { forks }: Result): string {
  const on = node === null ? 'on a node nobody knows' : `on ${node}`;
  const at = timeline === null ? '' : `, timeline ${timeline}`;
  const fork = forks.find(
    ({ oldPrimary, parentTimeline }) => oldPrimary === node && parentTimeline === timeline,
  );
  switch (cause) {
    case 'forked':
      return `${on}${at}, past ${fork ? `fork point ${fork.lsn}` : 'a fork point'}`;
    case 'boundary':
      return `${on}${at}, within a record of ${fork ? `fork point ${fork.lsn}` : 'the fork point'}`;
    case 'equalTimelineFork':
      return `${on}${at}, overwritten on the same timeline (an equal-timeline fork)`;
    case 'localOnly':
      return `${on}${at}, acknowledged although no standby had them`;
    case 'unflushed':
      return `${on}${at}, acknowledged before they were on its disk`;
    case 'unexplained':
      return `${on}${at}, where nothing explains it`;
    case null:
      return `${on}${at}`;
  }
}

/** Between two lost versions of a row there may be some that were never acknowledged. */
export function writesIn(ranges: readonly LostRange[]): string {
  const rows = ranges.reduce((sum, range) => sum + rowsOf(range), 0);
  const mayHaveGaps = ranges.some(({ versions }) => versions && versions[1] > versions[0] + 1);
  return `${mayHaveGaps ? 'at most ' : ''}${grouped(rows)}`;
}

function rowsOf({ kind, from, to, versions }: LostRange): number {
  return kind === 'update' && versions ? versions[1] - versions[0] + 1 : to - from + 1;
}

/** The command that prints every lost operation; undefined where there is none, or no folder to find it by. */
export function lostCommand({ folder, lostRanges }: Result): string | undefined {
  if (folder === null || lostRanges.length === 0) return undefined;
  return `npm run forkpoint -- history ${folder} --lost`;
}

/** How much the lost writes were, beside their number; undefined when nothing is lost or it is not known. */
export function spanned({ records, bytes: wal, seconds: time }: Result['rpo']): string | undefined {
  if (!records || (wal === null && time === null)) return undefined;
  const parts = [
    ...(time === null ? [] : [seconds(time * 1000)]),
    ...(wal === null ? [] : [`${bytes(wal)} of WAL`]),
  ];
  // Lower bounds: by the last write's own record, and by the time since the last write that was kept.
  return `The lost writes span at least ${listed(parts)}.`;
}
