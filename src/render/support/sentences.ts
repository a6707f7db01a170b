import { areLeast } from '../../std/units/lower-bound.ts';
import { lostWrites } from '../../std/units/lost-writes.ts';
import type { Durability } from '../../contracts/durability.ts';
import type { Rejoin, Result } from '../../contracts/result.ts';
import { compare, comparison } from '../../std/units/comparison.ts';
import { overridesIn } from '../../std/units/overrides.ts';
import { counted, countedPlural } from './counted.ts';
import { grouped, listed, plural, seconds } from './format.ts';
import { stragglerSentence } from './straggler-words.ts';
import { unplannedSentences } from './unplanned-words.ts';
import { countedPlaces, lossSummaryOf } from '../../std/units/loss-summary.ts';
import { lostSentence, writesIn } from './loss-sentence.ts';

const promotionsTold = 3;
/** Each of three times is rounded to a millisecond. */
const roundingMs = 2;

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
  const isLeast = areLeast(result);
  if (writes.acknowledged === null || (writes.acknowledged === 0 && isLeast)) {
    return `How many writes were acknowledged, and what became of them, is unknown: ${reason(result)}.`;
  }
  if (writes.acknowledged === 0) return 'No write was acknowledged, so there is nothing to judge.';
  const acknowledged = countedPlural(result, writes.acknowledged, 'acknowledged write');
  if (writes.lost === null) return `What became of ${acknowledged} is unknown: ${reason(result)}.`;
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
  if (broken.length > 0) return `${broken.map(({ summary }) => summary).join('; ')}.`;
  return lossSummaryOf(result).places.some(({ cause }) => cause === 'unexplained')
    ? 'An acknowledged write is gone and nothing explains it.'
    : 'No demand was judged.';
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
  return lostWrites(writes) ?? 0;
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

/** Where the lock went to a server that could not have what its last holder had acknowledged. */
function lockSentences(result: Result): readonly string[] {
  return (result.staleHolders ?? []).map(({ node, before, timeline, atMs }) => {
    const lost = countedPlaces(result).filter(
      (place) => place.node === before && place.timeline === timeline,
    );
    const then =
      lost.length === 0
        ? ''
        : `: of what ${before} had acknowledged on timeline ${timeline}, ${writesIn(lost)} are lost`;
    return `At ${seconds(atMs)} the lock went to ${node}, which was never seen following ${before}${then}.`;
  });
}

function keptSentence(result: Result): string {
  const { writes, replicas } = result;
  const agreeing = replicas.filter(({ status }) => status === 'agrees').length;
  if (!isAllThere(writes)) return 'No acknowledged write is known to be lost.';
  const isLeast = areLeast(result);
  const known = isLeast ? ' that the journals hold' : '';
  const writesOf = plural(writes.acknowledged ?? 0, 'acknowledged write');
  const kept = `All ${writesOf}${known} are on the final primary`;
  if (replicas.length === 0) return `${kept}.`;
  const agree = agreeing === 1 ? 'agrees' : 'agree';
  return `${kept}, and ${agreeing} of ${plural(replicas.length, 'replica')} ${agree} with it.`;
}

/** A delete that is undone, or a row whose delete nobody may have journaled, is neither durable nor lost. */
function isAllThere(writes: Result['writes']): boolean {
  const { acknowledged, localOnly, durable, lostLocalOnly } = writes;
  return (durable ?? 0) + (lostLocalOnly ?? 0) >= (acknowledged ?? 0) + (localOnly ?? 0);
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
    ...(result.converged.nodes ?? []).map((found) => `${stragglerSentence(found)}.`),
    ...promotions(result),
    ...repromotions(result),
    ...unplannedSentences(result),
    ...odd.flatMap(([count, name]) =>
      count === null || count === 0 ? [] : [`${counted(result, count)} ${name}.`],
    ),
    ...(outage.longestMs === null
      ? []
      : [`Longest time without an acknowledged write: ${seconds(outage.longestMs)}.`]),
    ...(failovers === null || failovers === 0 ? [] : [`${plural(failovers, 'failover')}.`]),
  ];
}

/** Who acknowledged on a new timeline from when on. */
function promotions(result: Result): readonly string[] {
  const { forks, rto, leaderChanges } = result;
  const seen = forks.flatMap(({ newPrimary, timeline, takenOverAtMs }) => {
    if (takenOverAtMs == null || newPrimary === null) return [];
    // It may have been primary for long before, without a client that wrote.
    const first = `its first write on timeline ${timeline}`;
    return [`${newPrimary} acknowledged ${first} at ${seconds(takenOverAtMs)}`];
  });
  const rest = seen.length - promotionsTold;
  const told = listed([
    ...seen.slice(0, promotionsTold),
    ...(rest > 0 ? [`${grouped(rest)} more followed`] : []),
  ]);
  // Of several nobody would know which took so long.
  const hasMore = (leaderChanges?.length ?? 0) > 1;
  const isOne =
    seen.length === 1 && !hasMore && rto.ms !== null && rto.fault != null && isOfThat(result);
  const after = isOne ? `, ${seconds(rto.ms)} after '${rto.fault}'` : '';
  return told === '' ? [] : [`${told}${after}.`];
}

/** Whoever stepped down and was promoted again itself: no failover, and no uninterrupted leader either. */
function repromotions({ leaderChanges }: Result): readonly string[] {
  const all = (leaderChanges ?? []).filter(({ how }) => how === 'repromotion');
  const rest = all.length - promotionsTold;
  const told = all
    .slice(0, promotionsTold)
    .map(
      ({ node, timeline, atMs }) =>
        `${node} demoted and promoted itself, on timeline ${timeline} by ${seconds(atMs)}.`,
    );
  return rest > 0 ? [...told, `${grouped(rest)} more did.`] : told;
}

/** The longest recovery may have been of a server that took over without a timeline of its own. */
function isOfThat({ forks, rto, faults }: Result): boolean {
  const [takenOverAtMs] = forks.flatMap((fork) => fork.takenOverAtMs ?? []);
  const injectedAtMs = faults.find(({ id }) => id === rto.fault)?.injectedAtMs;
  if (takenOverAtMs === undefined || injectedAtMs == null || rto.ms === null) return false;
  return Math.abs(takenOverAtMs - injectedAtMs - rto.ms) <= roundingMs;
}

function reason({ problems, converged }: Result): string {
  return problems[0] ?? converged.reason ?? 'no primary was read';
}
