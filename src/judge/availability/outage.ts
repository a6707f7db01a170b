import type { RunEvent } from '../../contracts/evidence.ts';
import type { FaultOutage, Injection, Result } from '../../contracts/result.ts';
import type { Availability, Stretch } from './availability.ts';
import { lockLoss } from './lock-loss.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';

const leastOutageMs = 500;
const timesAsLong = 5;
const aftermathMs = 10_000;
/** The last acknowledgement comes a little before the fault that ended them is journaled. */
const slackMs = 500;

/** The longest time without an acknowledgement, of the whole load and around each fault; held time is left out. */
export function outageOf(
  facts: RunFacts & {
    /** Planned length of the load: after that it only waits for answers and sends nothing. */
    readonly plannedMs: number;
  },
  availability: Availability,
  events: readonly RunEvent[],
): Result['outage'] {
  const { loadMs } = facts;
  if (loadMs === undefined || availability.acknowledged === 0) {
    return { longestMs: null, perFault: [] };
  }
  const endUs = endOfSending({ ...facts, loadMs }) * 1000;
  const leastUs = leastOutageUs(endUs, availability.acknowledged);
  const held = heldStretches(facts);
  const lockTimes = ({ injectedAtMs }: Injection, untilMs: number) => {
    const fromMs = injectedAtMs ?? untilMs;
    const loss = lockLoss(events, facts.originMs, { fromMs, untilMs });
    const takenAtMs = loss?.takenAtMs ?? null;
    return {
      detectMs: loss ? loss.lostAtMs - fromMs : null,
      electMs: takenAtMs === null ? null : takenAtMs - fromMs,
    };
  };
  const perFault = facts.faults.map((fault): FaultOutage => {
    const fromUs = (fault.injectedAtMs ?? 0) * 1000;
    const untilUs = aftermathOf(fault, facts.faults, loadMs) * 1000;
    const gap = availability.longestGap(endUs, { window: { fromUs, untilUs }, held });
    const untilMs = gap.untilUs === undefined ? null : Math.round(gap.untilUs / 1000);
    // While it is held, the time of the first acknowledgement is unknown. A gap that is no outage has no end.
    const isHidden =
      gap.lengthUs < leastUs ||
      held.some((each) => each.fromUs < (gap.untilUs ?? Infinity) && each.untilUs > fromUs);
    return {
      fault: fault.id,
      fromMs: Math.round((gap.afterUs ?? 0) / 1000),
      untilMs,
      ...lockTimes(fault, Math.max(fault.healedAtMs ?? loadMs, untilMs ?? loadMs)),
      firstAckMs: untilMs === null || isHidden ? null : untilMs - (fault.injectedAtMs ?? 0),
    };
  });
  const longest = availability.longestGap(endUs, { held });
  return {
    longestMs: Math.round(longest.lengthUs / 1000),
    longestFromMs: Math.round((longest.afterUs ?? 0) / 1000),
    perFault,
    ...(facts.held.length > 0 && { held: facts.held.map(wholeMs) }),
  };
}

/** The outage in which the load ended; undefined: it ended in none. Held time is left out of its length. */
export function lastOutage(
  facts: RunFacts & { readonly plannedMs: number },
  availability: Availability,
): Stretch | undefined {
  const { loadMs } = facts;
  if (loadMs === undefined || availability.acknowledged === 0) return undefined;
  const untilUs = endOfSending({ ...facts, loadMs }) * 1000;
  const gap = availability.lastGap(untilUs, heldStretches(facts));
  if (gap.lengthUs < leastOutageUs(untilUs, availability.acknowledged)) return undefined;
  return { fromUs: gap.afterUs ?? 0, untilUs };
}

/** What it was asked to stop, or was planned to send, is over: from then on it only waits for answers. */
export function endOfSending({
  loadMs,
  plannedMs,
  stoppedMs,
}: Pick<RunFacts, 'stoppedMs'> & { readonly loadMs: number; readonly plannedMs: number }): number {
  return Math.max(0, Math.min(loadMs, plannedMs, stoppedMs ?? Infinity));
}

/**
 * Each mark with the longest time without an acknowledgement between it and the next one, at its full length: it may have
 * begun before a note that was typed late.
 */
export function marksOf(
  facts: RunFacts & { readonly plannedMs: number },
  availability: Availability | undefined,
): Pick<Result, 'marks'> {
  const { marks, loadMs } = facts;
  if (marks.length === 0) return {};
  const held = heldStretches(facts);
  const endUs = endOfSending({ ...facts, loadMs: loadMs ?? 0 }) * 1000;
  return {
    marks: marks.map(({ text, atMs }, index) => {
      const untilUs = Math.min(endUs, (marks[index + 1]?.atMs ?? Infinity) * 1000 - 1);
      const window = { fromUs: atMs * 1000, untilUs };
      const isUnknown = !availability || availability.acknowledged === 0 || untilUs < window.fromUs;
      const gap = isUnknown ? undefined : availability.longestGap(endUs, { window, held });
      return {
        text,
        atMs,
        gap: gap
          ? {
              fromMs: Math.round((gap.afterUs ?? 0) / 1000),
              untilMs: gap.untilUs === undefined ? null : Math.round(gap.untilUs / 1000),
            }
          : null,
      };
    }),
  };
}

/** Between any two acknowledgements some time passes: an outage is at least so long, and several times as usual. */
function leastOutageUs(loadUs: number, acknowledged: number): number {
  return Math.max(leastOutageMs * 1000, (timesAsLong * loadUs) / acknowledged);
}

/** An outage that begins right after a heal is that fault's doing, unless another one had begun. */
function aftermathOf(
  { healedAtMs }: Injection,
  faults: readonly Injection[],
  loadMs: number,
): number {
  if (healedAtMs === null) return loadMs;
  const next = faults.flatMap(({ injectedAtMs }) =>
    injectedAtMs !== null && injectedAtMs > healedAtMs ? [injectedAtMs - slackMs] : [],
  );
  return Math.max(healedAtMs, Math.min(healedAtMs + aftermathMs, ...next));
}

/** When a fault held the load, microseconds. */
export function heldStretches({ held }: RunFacts): readonly Stretch[] {
  return held.map(({ fromMs, untilMs }) => ({ fromUs: fromMs * 1000, untilUs: untilMs * 1000 }));
}

function wholeMs({ fromMs, untilMs }: RunFacts['held'][number]): RunFacts['held'][number] {
  return { fromMs: Math.round(fromMs), untilMs: Math.round(untilMs) };
}
