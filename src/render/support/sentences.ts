import { areLeast } from '../../std/units/lower-bound.ts';
import { lostWrites } from '../../std/units/lost-writes.ts';
import type { Durability } from '../../contracts/durability.ts';
import type { Rejoin, Result } from '../../contracts/result.ts';
import { compare, isComparison } from '../../std/units/comparison.ts';
import { counted, countedPlural } from './counted.ts';
import { grouped, listed, plural, seconds } from './format.ts';
import { afterMark, markSentences } from './mark-words.ts';
import { stragglerSentence } from './straggler-words.ts';
import { unplannedSentences } from './unplanned-words.ts';
import { countedPlaces, lossSummaryOf } from '../../std/units/loss-summary.ts';
import { lostSentence, writesIn } from './loss-sentence.ts';
import { walSentences } from './wal-sentences.ts';

const promotionsTold = 3;
/** A shorter pause between two writes is no one's doing. */
const leastOutageMs = 500;
/** Three times are involved, each rounded to a millisecond. */
const roundingMs = 2;

/** The verdict in a few words, for a heading. */
export function headline(
  result: Pick<Result, 'status' | 'knownDefect' | 'writes' | 'checks'>,
): string {
  if (result.status === 'pass' && lostOf(result) > 0) {
    return isDemanded(result)
      ? 'Pass: this loss is demanded'
      : 'Pass: the scenario allows this loss';
  }
  return result.knownDefect === null
    ? headlines[result.status]
    : `Known defect ${result.knownDefect}`;
}

const headlines = {
  pass: 'Pass',
  fail: 'Fail',
  unknown: 'Unknown: could not be judged',
  knownDefect: 'Known defect',
} as const satisfies Record<Result['status'], string>;

/** The scenario, and what this run overrides. */
export function title({ scenario, overrides }: Pick<Result, 'scenario' | 'overrides'>): string {
  return overrides.length === 0 ? scenario : `${scenario} with ${overrides.join(', ')}`;
}

export const rejoinWords = {
  rewound: 'rewound by pg_rewind',
  rewindFailed: 'pg_rewind failed',
  cloned: 'cloned again',
} as const satisfies Record<Rejoin['how'], string>;

/** The outcome of the acknowledged writes, with how many, where, when and why; never more than was measured. */
export function whatHappened(result: Result): string {
  const { writes } = result;
  const isLeast = areLeast(result);
  if (writes.acknowledged === null || (writes.acknowledged === 0 && isLeast)) {
    return `The number of acknowledged writes and their fates are unknown: ${reason(result)}.`;
  }
  if (writes.acknowledged === 0) return 'No write was acknowledged, so there is nothing to judge.';
  const acknowledged = countedPlural(result, writes.acknowledged, 'acknowledged write');
  if (writes.lost === null) return `The fates of ${acknowledged} are unknown: ${reason(result)}.`;
  const lost = lostOf(result);
  const told = lost > 0 ? lostSentence(result, lost) : keptSentence(result);
  return [told, ...afterthoughts(result)].join(' ');
}

/** The reason for the verdict: the demands that do not hold, or the obstacles to judging. */
export function whyThisVerdict(result: Result): string {
  const { status, checks, problems } = result;
  if (status === 'pass')
    return `All ${plural(checks.length, 'demand')} of the scenario hold${allowed(result)}.`;
  if (status === 'unknown' && problems.length > 0) return `Not judged: ${listed(problems)}.`;
  const decisive = status === 'knownDefect' ? 'fail' : status;
  const broken = checks.filter((check) => check.status === decisive);
  if (status === 'knownDefect') {
    return `${broken.map(({ summary }) => summary).join('; ')}. ${defectSentence(result)}`;
  }
  if (broken.length > 0) return `${broken.map(({ summary }) => summary).join('; ')}.`;
  return lossSummaryOf(result).places.some(({ cause }) => cause === 'unexplained')
    ? 'An acknowledged write is lost without an explanation.'
    : 'No demand was judged.';
}

/** What explains the demands that do not hold. */
function defectSentence({ knownDefect }: Result): string {
  return `The scenario names it as a known defect of these versions: ${knownDefect ?? 'not named'}.`;
}

/** Why a loss is no failure: the scenario's demand on it. */
function allowed(result: Result): string {
  const demand = result.checks.find(({ check }) => check === 'lost');
  return lostOf(result) > 0 && demand ? `, including this one: ${demand.summary}` : '';
}

/** Whether a run that loses nothing would fail: `>= 1` demands a loss, `< 5` allows one. */
function isDemanded({ checks }: Pick<Result, 'checks'>): boolean {
  const demand = checks.find(({ check }) => check === 'lost')?.demand;
  return isComparison(demand) && !compare(0, demand);
}

function lostOf({ writes }: Pick<Result, 'writes'>): number {
  return lostWrites(writes) ?? 0;
}

/** What a failover or a crash may lose: by the settings, unless a known defect of a program breaks their promise. */
export function promised({ promise, rows }: Durability): string {
  const defects = rows.filter(({ setting, level }) => level === 'defect' && isVersion(setting));
  if (defects.length === 0) return promise.text;
  const programs = defects.map(
    ({ setting, value }) => `${setting.replace(/ version$/, '')} ${value}`,
  );
  return `${promise.text} by the settings; a known defect of ${listed([...new Set(programs)])} may lose more`;
}

const isVersion = (setting: string) => setting.endsWith(' version');

/** The command that repeats the run: its stored plan, if it has a folder. */
export function repeatCommand({ folder, reproduce }: Result): string {
  return folder === null ? reproduce : `npm run forkpoint -- replay ${folder}`;
}

/** Cases in which the lock went to a server that could not have what the last holder had acknowledged. */
function lockSentences(result: Result): readonly string[] {
  return (result.staleHolders ?? []).map(({ node, before, timeline, atMs }) => {
    const lost = countedPlaces(result).filter(
      (place) => place.node === before && place.timeline === timeline,
    );
    const then =
      lost.length === 0
        ? ''
        : `: ${writesIn(lost)} that ${before} had acknowledged on timeline ${timeline} are lost`;
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

/** A deleted row that is back, or a row whose delete may not be journaled, is neither durable nor lost. */
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
    ...walSentences(result),
    ...(result.converged.nodes ?? []).map((found) => `${stragglerSentence(found)}.`),
    ...promotions(result),
    ...repromotions(result),
    ...unplannedSentences(result),
    ...markSentences(result),
    ...odd.flatMap(([count, name]) =>
      count === null || count === 0 ? [] : [`${counted(result, count)} ${name}.`],
    ),
    ...(outage.longestMs === null
      ? []
      : [
          `Longest time without an acknowledged write: ${seconds(outage.longestMs)}${sinceMark(result)}.`,
        ]),
    ...(failovers === null || failovers === 0 ? [] : [`${plural(failovers, 'failover')}.`]),
  ];
}

function sinceMark(result: Result): string {
  const { longestMs, longestFromMs } = result.outage;
  const isShort = longestMs === null || longestMs < leastOutageMs;
  return longestFromMs === undefined || isShort ? '' : afterMark(result, longestFromMs);
}

/** Which node acknowledged on a new timeline, and since when. */
function promotions(result: Result): readonly string[] {
  const { forks, rto, leaderChanges } = result;
  const seen = forks.flatMap(({ newPrimary, timeline, takenOverAtMs }) => {
    if (takenOverAtMs == null || newPrimary === null) return [];
    // It may have been primary long before, while no client wrote.
    const first = `its first write on timeline ${timeline}`;
    const mark = afterMark(result, takenOverAtMs);
    return [`${newPrimary} acknowledged ${first} at ${seconds(takenOverAtMs)}${mark}`];
  });
  const rest = seen.length - promotionsTold;
  const told = listed([
    ...seen.slice(0, promotionsTold),
    ...(rest > 0 ? [`${grouped(rest)} more followed`] : []),
  ]);
  // With several promotions it is unclear which one took this long.
  const hasMore = (leaderChanges?.length ?? 0) > 1;
  const isOne =
    seen.length === 1 && !hasMore && rto.ms !== null && rto.fault != null && isOfThat(result);
  const after = isOne ? `, ${seconds(rto.ms)} after '${rto.fault}'` : '';
  return told === '' ? [] : [`${told}${after}.`];
}

/** A primary that ended or was demoted, and was itself promoted again: no failover, but no uninterrupted leader either. */
function repromotions({ leaderChanges }: Result): readonly string[] {
  const all = (leaderChanges ?? []).filter(({ how }) => how === 'repromotion');
  const rest = all.length - promotionsTold;
  const told = all
    .slice(0, promotionsTold)
    .map(
      ({ node, timeline, atMs }) =>
        `${node} lost the role of primary and was promoted again, on timeline ${timeline} by ${seconds(atMs)}.`,
    );
  return rest > 0 ? [...told, `${grouped(rest)} more were.`] : told;
}

/** The longest recovery may belong to a server that took over without a new timeline. */
function isOfThat({ forks, rto, faults }: Result): boolean {
  const [takenOverAtMs] = forks.flatMap(({ newPrimary, takenOverAtMs: at }) =>
    newPrimary === null ? [] : (at ?? []),
  );
  const injectedAtMs = faults.find(({ id }) => id === rto.fault)?.injectedAtMs;
  if (takenOverAtMs === undefined || injectedAtMs == null || rto.ms === null) return false;
  return Math.abs(takenOverAtMs - injectedAtMs - rto.ms) <= roundingMs;
}

function reason({ problems, converged }: Result): string {
  return problems[0] ?? converged.reason ?? 'no primary was read';
}
