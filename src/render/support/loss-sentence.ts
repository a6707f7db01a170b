import type { LostPlace, Result } from '../../contracts/result.ts';
import { extent } from '../../std/units/extent.ts';
import { countedPlaces, lossSummaryOf } from '../../std/units/loss-summary.ts';
import { faultsAround } from './faults-around.ts';
import { counted, countedPlural } from './counted.ts';
import { bytes, grouped, listed, seconds } from './format.ts';

/** How many acknowledged writes are lost, where, when, and which faults were in force then. */
export function lostSentence(result: Result, lost: number): string {
  const of = `Lost ${counted(result, lost)} of ${countedPlural(result, result.writes.acknowledged, 'acknowledged write')}`;
  const places = countedPlaces(result);
  const times = extent(places.flatMap(({ ackedAtMs }) => ackedAtMs));
  if (!times) return `${of}.`;
  const [from, to] = times;
  const when = `acknowledged between ${seconds(from)} and ${seconds(to)}`;
  return `${of}: ${whereabouts(places, result)}, ${when}${faultsAround(result.faults, from, to)}.`;
}

/** 'all on pg1, timeline 1, past fork point 0/54686E8', or each location with its count. */
function whereabouts(all: readonly LostPlace[], result: Result): string {
  const places = Map.groupBy(all, (place) => placeOf(place, result));
  const [only] = places.keys();
  if (places.size === 1 && only !== undefined) return `all ${only}`;
  return listed([...places].map(([place, there]) => `${writesIn(there)} ${place}`));
}

function placeOf({ node, timeline, cause }: LostPlace, { forks, lockThefts }: Result): string {
  const on = node === null ? 'on an unknown node' : `on ${node}`;
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
    case 'lockTheft':
      return `${on}${at}, whose lock another primary took${thiefOf(node, timeline, lockThefts)}`;
    case 'localOnly':
      return `${on}${at}, acknowledged although no standby had them`;
    case 'unflushed':
      return `${on}${at}, acknowledged before they were on its disk`;
    case 'unlogged':
      return `${on}${at}, in an unlogged table that a crash or a promotion emptied`;
    case 'unexplained':
      return `${on}${at}, without an explanation`;
    case null:
      return `${on}${at}`;
  }
}

function thiefOf(
  node: string | null,
  timeline: number | null,
  thefts: Result['lockThefts'] = [],
): string {
  const theft = thefts.find((each) => each.holder === node && each.timeline === timeline);
  return theft
    ? `: ${theft.thief} at ${seconds(theft.atMs)}, when ${theft.holder} had held it since ${seconds(theft.heldFromMs)}`
    : '';
}

export function writesIn(places: readonly LostPlace[]): string {
  const writes = places.reduce((sum, place) => sum + place.writes, 0);
  const isAtMost = places.some((place) => place.isAtMost);
  return `${isAtMost ? 'at most ' : ''}${grouped(writes)}`;
}

/** Of how many lost ranges a list shows the first ones, and where the others are; undefined when it shows all. */
export function whereLostAre(result: Result, shown: number): string | undefined {
  const { ranges, file } = lossSummaryOf(result);
  if (ranges <= shown) return undefined;
  const first = `the first ${grouped(shown)} of ${grouped(ranges)} ranges`;
  const named = result.lostRanges.length;
  if (file === null) return `${first}, all in result.json`;
  return shown < named
    ? `${first}, all in ${file}; result.json names the first ${grouped(named)}`
    : `${first}, all in ${file}`;
}

/** The command that prints every lost operation; undefined when nothing is lost, or the run has no folder. */
export function lostCommand({ folder, lostRanges }: Result): string | undefined {
  if (folder === null || lostRanges.length === 0) return undefined;
  return `npm run forkpoint -- history ${folder} --lost`;
}

/** The size of the loss, besides its count; undefined when nothing is lost or the size is unknown. */
export function spanned({ records, bytes: wal, seconds: time }: Result['rpo']): string | undefined {
  if (!records || (wal === null && time === null)) return undefined;
  const parts = [
    ...(time === null ? [] : [seconds(time * 1000)]),
    ...(wal === null ? [] : [`${bytes(wal)} of WAL`]),
  ];
  // Lower bounds: up to the last write's own record, and since the last write that was kept.
  return `The lost writes span at least ${listed(parts)}.`;
}
