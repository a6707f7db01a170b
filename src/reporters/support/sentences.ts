import type { Durability } from '../../contracts/durability.ts';
import type { Injection, LostRange, Rejoin, Result } from '../../contracts/result.ts';
import { compare, comparison } from '../../units/comparison.ts';
import { overridesIn } from '../../units/overrides.ts';
import { bytes, grouped, listed, plural, seconds } from './format.ts';

const promotionsTold = 3;

/** The verdict in a word or two, for a heading. */
export function headline(result: Pick<Result, 'status' | 'writes' | 'checks'>): string {
  if (result.status === 'pass' && lostOf(result) > 0) {
    return isDemanded(result)
      ? 'Pass: this loss is demanded'
      : 'Pass: the scenario allows this loss';
  }
  return { pass: 'Pass', fail: 'Fail', unknown: 'Unknown: could not be judged' }[result.status];
}

/** The scenario, and what was overridden for this run. */
export function title({ scenario, reproduce }: Pick<Result, 'scenario' | 'reproduce'>): string {
  const overrides = overridesIn(reproduce);
  return overrides.length === 0 ? scenario : `${scenario} with ${overrides.join(', ')}`;
}

export const rejoinWords = {
  rewound: 'rewound by pg_rewind',
  rewindFailed: 'pg_rewind failed',
  cloned: 'cloned anew',
} as const satisfies Record<Rejoin['how'], string>;

/** What happened to the acknowledged writes, with how many, where, when and why; never more than was measured. */
export function whatHappened(result: Result): string {
  const { writes } = result;
  if (writes.acknowledged === 0) return 'No write was acknowledged, so there is nothing to judge.';
  if (writes.lost === null) {
    return `What became of ${plural(writes.acknowledged, 'acknowledged write')} is unknown: ${reason(result)}.`;
  }
  const lost = lostOf(result);
  const told = lost > 0 ? lostSentence(result, lost) : keptSentence(result);
  return [told, ...afterthoughts(result)].join(' ');
}

/** Why the verdict is what it is: the demands that do not hold, or what stood in the way. */
export function whyThisVerdict(result: Result): string {
  const { status, checks, problems } = result;
  if (status === 'pass')
    return `All ${plural(checks.length, 'demand')} of the scenario hold${allowed(result)}.`;
  if (status === 'unknown' && problems.length > 0) return `Not judged: ${listed(problems)}.`;
  const broken = checks.filter((check) => check.status === status);
  return broken.length === 0
    ? 'An acknowledged write is gone and nothing explains it.'
    : `${broken.map(({ summary }) => summary).join('; ')}.`;
}

/** Why a loss is no failure: what the scenario demands of it. */
function allowed(result: Result): string {
  const demand = result.checks.find(({ check }) => check === 'lost');
  return lostOf(result) > 0 && demand ? `, this one among them: ${demand.summary}` : '';
}

/** Whether a run that loses nothing would fail: `>= 1` demands a loss, `< 5` allows one. */
function isDemanded({ checks }: Pick<Result, 'checks'>): boolean {
  const summary = checks.find(({ check }) => check === 'lost')?.summary ?? '';
  const [, demanded = ''] = /\(demanded: (.*?)\)/.exec(summary) ?? [];
  const demand = comparison('count').safeParse(demanded);
  return demand.success && !compare(0, demand.data);
}

function lostOf({ writes }: Pick<Result, 'writes'>): number {
  return (writes.lost ?? 0) + (writes.lostUpdates ?? 0);
}

/** What a failover or a crash may take: by the settings, which no defect of a program keeps to. */
export function promised({ promise, rows }: Durability): string {
  const defects = rows.filter(({ setting, level }) => level === 'defect' && isVersion(setting));
  if (defects.length === 0) return promise.text;
  const programs = defects.map(
    ({ setting, value }) => `${setting.replace(/ version$/, '')} ${value}`,
  );
  return `${promise.text} by the settings; a known defect of ${listed([...new Set(programs)])} may take more`;
}

const isVersion = (setting: string) => setting.endsWith(' version');

/** The one command that repeats the run: its stored plan, where it has a folder of its own. */
export function repeatCommand({ folder, reproduce }: Result): string {
  return folder === null ? reproduce : `npm run forkpoint -- replay ${folder}`;
}

function lostSentence(result: Result, lost: number): string {
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

/** How much the lost writes were, beside their number; undefined when nothing is lost or it is not known. */
export function spanned({ records, bytes: wal, seconds: time }: Result['rpo']): string | undefined {
  if (!records || (wal === null && time === null)) return undefined;
  const parts = [
    ...(time === null ? [] : [seconds(time * 1000)]),
    ...(wal === null ? [] : [`${bytes(wal)} of WAL`]),
  ];
  return `The lost writes span ${listed(parts)}.`;
}

/** Where the lock went to a server that could not have what its last holder had acknowledged. */
function lockSentences(result: Result): readonly string[] {
  return (result.staleHolders ?? []).map(({ node, before, atMs }) => {
    const isLost = result.lostRanges.some((range) => range.node === before);
    const then = isLost ? `: what ${before} had acknowledged went with it` : '';
    return `At ${seconds(atMs)} the lock went to ${node}, which was never seen following ${before}${then}.`;
  });
}

function keptSentence({ writes, replicas }: Result): string {
  const agreeing = replicas.filter(({ status }) => status === 'agrees').length;
  const kept = `All ${plural(writes.acknowledged, 'acknowledged write')} are on the final primary`;
  if (replicas.length === 0) return `${kept}.`;
  const agree = agreeing === 1 ? 'agrees' : 'agree';
  return `${kept}, and ${agreeing} of ${plural(replicas.length, 'replica')} ${agree} with it.`;
}

function afterthoughts(result: Result): string[] {
  const { writes, outage, failovers } = result;
  const odd = [
    [writes.unexpected, 'unexpected'],
    [writes.duplicated, 'duplicated'],
    [writes.corrupted, 'corrupted'],
    [writes.lostLocalOnly, 'lost that were acknowledged with a warning (localOnly)'],
  ] as const;
  return [
    ...lockSentences(result),
    ...promotions(result),
    ...odd.flatMap(([count, name]) =>
      count === null || count === 0 ? [] : [`${grouped(count)} ${name}.`],
    ),
    ...(outage.longestMs === null
      ? []
      : [`Longest time without a write: ${seconds(outage.longestMs)}.`]),
    ...(failovers === null || failovers === 0 ? [] : [`${plural(failovers, 'failover')}.`]),
  ];
}

/** Who acknowledged on a new timeline from when on. */
function promotions({ forks, rto }: Result): readonly string[] {
  const seen = forks.flatMap(({ newPrimary, oldPrimary, takenOverAtMs }) => {
    if (takenOverAtMs == null || newPrimary === null) return [];
    const did = newPrimary === oldPrimary ? 'took writes again' : 'took over';
    return [`${newPrimary} ${did} at ${seconds(takenOverAtMs)}`];
  });
  const rest = seen.length - promotionsTold;
  const told = listed([
    ...seen.slice(0, promotionsTold),
    ...(rest > 0 ? [`${grouped(rest)} more followed`] : []),
  ]);
  // Of several nobody would know which took so long.
  const isOne = seen.length === 1 && rto.ms !== null && rto.fault != null;
  const after = isOne ? `, ${seconds(rto.ms)} after '${rto.fault}'` : '';
  return told === '' ? [] : [`${told}${after}.`];
}

function reason({ problems, converged }: Result): string {
  return problems[0] ?? converged.reason ?? 'no primary was read';
}
