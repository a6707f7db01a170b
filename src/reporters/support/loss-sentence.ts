import type { Injection, LostRange, Result } from '../../contracts/result.ts';
import { bytes, grouped, listed, plural, seconds } from './format.ts';

/** How many acknowledged writes are lost, where, when, and what was in force then. */
export function lostSentence(result: Result, lost: number): string {
  const of = `Lost ${grouped(lost)} of ${plural(result.writes.acknowledged, 'acknowledged write')}`;
  const { lostRanges } = result;
  if (lostRanges.length === 0) return `${of}.`;
  const from = Math.min(...lostRanges.map(({ ackedAtMs }) => ackedAtMs[0]));
  const to = Math.max(...lostRanges.map(({ ackedAtMs }) => ackedAtMs[1]));
  const when = `acknowledged between ${seconds(from)} and ${seconds(to)}`;
  const during = result.faults.filter((fault) => isInForce(fault, from, to));
  const names = listed(during.map(nameOf));
  const inForce =
    during.length === 0 ? '' : ` while ${names} ${during.length > 1 ? 'were' : 'was'} in force`;
  return `${of}: ${whereabouts(result)}, ${when}${inForce}.`;
}

/** 'all on pg1, timeline 1, past fork point 0/54686E8', or each place with its share. */
function whereabouts(result: Result): string {
  const places = new Map<string, number>();
  for (const range of result.lostRanges) {
    const place = placeOf(range, result);
    places.set(place, (places.get(place) ?? 0) + rowsOf(range));
  }
  const [only] = places.keys();
  if (places.size === 1 && only !== undefined) return `all ${only}`;
  return listed([...places].map(([place, rows]) => `${grouped(rows)} ${place}`));
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

function rowsOf({ kind, from, to, versions }: LostRange): number {
  return kind === 'update' && versions ? versions[1] - versions[0] + 1 : to - from + 1;
}

/** `partition#1` says what it does; an id that the scenario gave does not. */
function nameOf({ id, fault }: Injection): string {
  return id.includes('#') ? `'${id}'` : `'${id}' (${fault})`;
}

function isInForce({ inForceAtMs, healedAtMs }: Injection, fromMs: number, toMs: number): boolean {
  return inForceAtMs !== null && inForceAtMs <= toMs && (healedAtMs ?? Infinity) >= fromMs;
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
  return `The lost writes span ${listed(parts)}.`;
}
