import type { RunEvent } from '../../contracts/evidence.ts';
import type { LeaderChange, Result, Retries, Window } from '../../contracts/result.ts';
import type { LoadSpec, Phase, Plan } from '../../contracts/scenario.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { formatPhase } from '../../std/units/units.ts';
import type { Availability } from '../availability/availability.ts';
import { failoversIn } from '../availability/leadership.ts';
import { endOfSending } from '../availability/outage.ts';
import type { Takeover } from '../availability/rto.ts';
import { boundsOf, type Bounds, type Span } from './bounds.ts';
import { availabilityPercent } from './buckets.ts';
import { mostLagBytes } from './lag.ts';
import { isWithin, type RoleLog } from './roles.ts';
import { lengthMs, without } from './spans.ts';
import { longestNotStreaming } from './streaming.ts';
import { rtoWithin } from './takeovers.ts';
import { WindowLog, type WindowTally } from './window-log.ts';

/** A phase that the demands name, and when it was. */
export interface PlannedWindow {
  readonly phase: Phase;
  readonly name: string;
  readonly bounds: Bounds;
  /** Without the time in which a fault held the load. */
  readonly open: readonly Span[];
  /** Nor the warm-up. */
  readonly measured: readonly Span[];
}

/** Every phase that is demanded something of, once. */
export function plannedWindows(
  { scenario }: Plan,
  facts: RunFacts,
  events: readonly RunEvent[],
): readonly PlannedWindow[] {
  const { expectPhases = [], faults: steps, load } = scenario;
  const endMs = sendingEnd(facts, load.durationMs);
  const sources = { steps, faults: facts.faults, events, endMs };
  const byName = new Map(expectPhases.map(({ phase }) => [formatPhase(phase), phase]));
  return [...byName].map(([name, phase]) => {
    const bounds = boundsOf(phase, sources);
    const open = without(bounds.stretches, facts.held);
    const warmup = { fromMs: -Infinity, untilMs: load.warmupMs ?? 0 };
    return { phase, name, bounds, open, measured: without(open, [warmup]) };
  });
}

/** Sees each record once; undefined where no phase is demanded anything of. */
export function windowLog(
  windows: readonly PlannedWindow[],
  { warmupMs = 0 }: Pick<LoadSpec, 'warmupMs'>,
): WindowLog | undefined {
  if (windows.length === 0) return undefined;
  return new WindowLog(
    windows.map(({ phase, bounds: { stretches }, measured }) => {
      return { edge: phase.edge, stretches, open: measured, warmupMs };
    }),
  );
}

export interface WindowSources {
  readonly plan: Plan;
  readonly facts: RunFacts;
  readonly events: readonly RunEvent[];
  readonly availability: Availability;
  readonly changes: readonly LeaderChange[] | null;
  readonly takeovers: readonly Takeover[];
  readonly windows: readonly PlannedWindow[];
  readonly roles: RoleLog;
  readonly log: WindowLog | undefined;
  /** What the result says of the whole run. */
  readonly whole: Pick<Result, 'rto' | 'outage'> & {
    readonly ackedPerSecond: number | null;
    readonly retries: Retries | undefined;
    readonly latencyMs: Window['latencyMs'];
  };
}

/** The whole load, then each phase. */
export function windowsOf(sources: WindowSources): readonly Window[] {
  const { windows, log } = sources;
  const phases = windows.map((window, index) => {
    const tally = log?.tallies[index];
    return tally && window.bounds.reason === null
      ? phaseOf(window, tally, sources)
      : unmeasured(window);
  });
  return [wholeLoad(sources), ...phases];
}

function wholeLoad(sources: WindowSources): Window {
  const { plan, facts, events, availability, changes, whole, roles } = sources;
  const { load } = plan.scenario;
  const endMs = sendingEnd(facts, load.durationMs);
  const stretches = endMs === undefined ? [] : [{ fromMs: 0, untilMs: endMs }];
  // What began in the load and ended after it is of the run, too.
  const ever = [{ fromMs: -Infinity, untilMs: Infinity }];
  const attempts = attemptsIn(availability);
  const hasAny = endMs !== undefined && sum(attempts) > 0;
  return {
    phase: null,
    stretches,
    reason: endMs === undefined ? 'the load never began' : null,
    attempts: hasAny ? attempts : null,
    gaveUp: hasAny ? (whole.retries?.gaveUp ?? attempts.failed + attempts.indeterminate) : null,
    errorPercent: errorPercent(attempts),
    latencyMs: whole.latencyMs,
    ackedPerSecond: hasAny ? whole.ackedPerSecond : null,
    availabilityPercent: hasAny
      ? availabilityPercent(without(stretches, facts.held), availability, load)
      : null,
    outageMs: whole.outage.longestMs,
    lagBytes: mostLagBytes(stretches, events, facts.originMs),
    splitBrainMs: roles.splitBrainMs(ever),
    demotions: roles.demotions(ever),
    demotedAgain: roles.demotedAgain(ever),
    ...changesIn(changes),
    notStreaming: longestNotStreaming([{ fromMs: 0, untilMs: Infinity }], events, facts.originMs),
    rtoMs: whole.rto.ms,
  };
}

function phaseOf(
  { name, bounds: { stretches }, open, measured }: PlannedWindow,
  tally: WindowTally,
  sources: WindowSources,
): Window {
  const { plan, availability, changes, takeovers, roles } = sources;
  const { attempts } = tally;
  const measuredMs = lengthMs(measured);
  const isIdle = sum(attempts) === 0 || lengthMs(open) === 0;
  const within = changes?.filter(({ atMs }) => isWithin(atMs, stretches)) ?? null;
  return {
    phase: name,
    stretches,
    reason: isIdle ? 'no operation was sent in it' : null,
    attempts,
    gaveUp: sum(attempts) === 0 ? null : tally.gaveUp,
    errorPercent: errorPercent(attempts),
    latencyMs: tally.latency(),
    ackedPerSecond: isIdle || measuredMs === 0 ? null : (tally.rows / measuredMs) * 1000,
    availabilityPercent: isIdle
      ? null
      : availabilityPercent(open, availability, plan.scenario.load),
    outageMs: isIdle ? null : Math.round(availability.longestWithin(open)),
    lagBytes: mostLagBytes(stretches, sources.events, sources.facts.originMs),
    splitBrainMs: roles.splitBrainMs(stretches),
    demotions: roles.demotions(stretches),
    demotedAgain: roles.demotedAgain(stretches),
    ...changesIn(within),
    notStreaming: longestNotStreaming(stretches, sources.events, sources.facts.originMs),
    rtoMs: rtoWithin(takeovers, stretches),
  };
}

function unmeasured({ name, bounds }: PlannedWindow): Window {
  return {
    phase: name,
    stretches: bounds.stretches,
    reason: bounds.reason ?? 'its journals were not read',
    attempts: null,
    gaveUp: null,
    errorPercent: null,
    latencyMs: null,
    ackedPerSecond: null,
    availabilityPercent: null,
    outageMs: null,
    lagBytes: null,
    splitBrainMs: null,
    demotions: null,
    demotedAgain: null,
    ...changesIn(null),
    notStreaming: null,
    rtoMs: null,
  };
}

type Attempts = NonNullable<Window['attempts']>;

function attemptsIn(availability: Availability): Attempts {
  const attempts = {
    acknowledged: availability.acknowledged,
    localOnly: 0,
    failed: 0,
    indeterminate: 0,
  };
  for (const { outcome, count } of availability.errors()) {
    attempts[outcome as keyof Attempts] += count;
  }
  return attempts;
}

function sum({ acknowledged, localOnly, failed, indeterminate }: Attempts): number {
  return acknowledged + localOnly + failed + indeterminate;
}

function errorPercent(attempts: Attempts): number | null {
  const all = sum(attempts);
  return all === 0 ? null : ((attempts.failed + attempts.indeterminate) / all) * 100;
}

function changesIn(changes: readonly LeaderChange[] | null) {
  const count = (isSo: (how: LeaderChange['how']) => boolean) =>
    changes?.filter(({ how }) => isSo(how)).length ?? null;
  return {
    failovers: changes && failoversIn(changes),
    repromotions: count((how) => how === 'repromotion'),
    promotions: count((how) => how !== 'lockTaken'),
    leadershipChanges: count((how) => how !== 'repromotion'),
  };
}

function sendingEnd(facts: RunFacts, plannedMs: number): number | undefined {
  const { loadMs, stoppedMs } = facts;
  return loadMs === undefined ? undefined : endOfSending({ loadMs, stoppedMs, plannedMs });
}
