import type { RouteFacts, RunEvent } from '../../contracts/evidence.ts';
import type { Injection, Result } from '../../contracts/result.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

/** The facts in events.jsonl. Times of injections are milliseconds since the start of the load. */
export interface RunFacts {
  readonly runId: string | undefined;
  readonly startedAt: string;
  readonly reproduce: string;
  readonly overrides: Result['overrides'];
  readonly folder: Result['folder'];
  readonly replayOf: Result['replayOf'];
  readonly durationMs: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly clients: Result['clients'];
  /** Where routes lead, as far as that is not the nodes themselves. */
  readonly routes: readonly RouteFacts[];
  readonly phases: Result['phases'];
  readonly faults: readonly Injection[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly isInterrupted: boolean;
  /** Writers that came in the place of lost ones, beyond those of the plan. */
  readonly moreWriters: number;
  /** Start of the load on the clock of the events; 0 when it was never started. */
  readonly originMs: number;
  /** Length of the load; undefined when it was never started. */
  readonly loadMs: number | undefined;
  /** When the load was held, milliseconds since its start; the last may reach to its end. */
  readonly held: readonly Held[];
  readonly hasEnded: boolean;
  /** Until when it sent operations, where it was asked to end before its time: milliseconds since its start. */
  readonly stoppedMs: number | undefined;
  /** What people noted, in order of time. */
  readonly marks: readonly Noted[];
}

export interface Noted {
  readonly text: string;
  /** Milliseconds since the start of the load. */
  readonly atMs: number;
}

export interface Held {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function runFacts(events: readonly RunEvent[]): RunFacts {
  const runs = ofType(events, 'run');
  const loads = ofType(events, 'load');
  const begin = loads.find(({ edge }) => edge === 'begin');
  const end = loads.find(({ edge }) => edge === 'end');
  const stop = loads.find(({ edge }) => edge === 'stop');
  const origin = runs[0] && begin && 'originNs' in begin ? loadStart(runs[0], begin.originNs) : 0;
  const last = events.at(-1)?.atMs ?? 0;
  return {
    runId: runs[0]?.runId,
    startedAt: runs[0]?.startedAt ?? '',
    reproduce: runs[0]?.reproduce ?? '',
    overrides: runs[0]?.overrides ?? [],
    folder: runs[0]?.folder ?? null,
    replayOf: runs[0]?.replayOf ?? null,
    durationMs: Math.round(last - keptMs(events)),
    versions: Object.assign({}, ...runs.map(({ versions }) => versions)) as Record<string, string>,
    clients: runs.findLast(({ clients }) => clients !== undefined)?.clients ?? null,
    routes: runs.findLast(({ routes }) => routes !== undefined)?.routes ?? [],
    phases: phasesOf(ofType(events, 'phase')),
    faults: injectionsOf(events, origin),
    problems: ofType(events, 'problem').map(({ what }) => what),
    notes: ofType(events, 'note').map(({ what }) => what),
    moreWriters: moreWriters(events),
    isInterrupted: ofType(events, 'problem').some((event) => event.isInterruption),
    originMs: origin,
    loadMs: begin && Math.round((end?.atMs ?? last) - origin),
    held: heldOf(loads, origin, end?.atMs ?? last),
    hasEnded: end !== undefined,
    stoppedMs: stop && Math.round(stop.atMs - origin),
    marks: marksOf(ofType(events, 'mark'), origin),
  };
}

export function moreWriters(events: readonly RunEvent[]): number {
  const joined = ofType(events, 'worker').map((event) =>
    event.edge === 'joined' ? event.writers : 0,
  );
  return joined.reduce((sum, writers) => sum + writers, 0);
}

/** How long the cluster was held after the report: nothing else is between judging and teardown. */
function keptMs(events: readonly RunEvent[]): number {
  const phases = ofType(events, 'phase');
  const judged = phases.findLast(({ phase, edge }) => phase === 'judge' && edge === 'end');
  const left = phases.findLast(({ phase, edge }) => phase === 'teardown' && edge === 'begin');
  return judged && left ? Math.max(0, left.atMs - judged.atMs) : 0;
}

/** On the clock of the events: the load's origin is on CLOCK_MONOTONIC, like the run's. */
function loadStart(run: Of<'run'>, originNs: string): number {
  return Number((BigInt(originNs) - BigInt(run.originNs)) / 1000n) / 1000;
}

function heldOf(loads: readonly Of<'load'>[], originMs: number, endMs: number): Held[] {
  return loads.flatMap(({ edge, atMs }, index) => {
    if (edge !== 'held') return [];
    const next = loads.slice(index + 1).find((event) => event.edge === 'resumed');
    // Before the load began there was nothing to hold.
    return [{ fromMs: Math.max(0, atMs - originMs), untilMs: (next?.atMs ?? endMs) - originMs }];
  });
}

function marksOf(marks: readonly Of<'mark'>[], originMs: number): Noted[] {
  return marks
    .map(({ text, atMs, agoMs }) => ({ text, atMs: Math.round(atMs - agoMs - originMs) }))
    .sort((a, b) => a.atMs - b.atMs);
}

function phasesOf(events: readonly Of<'phase'>[]): Result['phases'] {
  const lasted = (phase: string): number | null => {
    const begin = events.findLast((event) => event.phase === phase && event.edge === 'begin');
    const end = events.findLast((event) => event.phase === phase && event.edge === 'end');
    return begin && end && end.atMs >= begin.atMs ? Math.round(end.atMs - begin.atMs) : null;
  };
  return {
    bootMs: lasted('boot'),
    seedMs: lasted('seed'),
    loadMs: lasted('load'),
    healMs: lasted('heal'),
    convergeMs: lasted('converge'),
    readBackMs: lasted('readBack'),
    judgeMs: lasted('judge'),
    teardownMs: lasted('teardown'),
  };
}

function injectionsOf(events: readonly RunEvent[], originMs: number): Injection[] {
  const find = (type: 'injected' | 'healed', id: string): number | null => {
    const found = events.find((event) => event.type === type && event.id === id);
    return found ? Math.round(found.atMs - originMs) : null;
  };
  return ofType(events, 'inject').map(({ id, atMs, isHarmless, expected, ...step }) => ({
    id,
    fault: step.fault,
    targets: step.targets,
    plannedAtMs: step.plannedAtMs,
    injectedAtMs: Math.round(atMs - originMs),
    inForceAtMs: find('injected', id),
    healedAtMs: find('healed', id),
    ...(ofType(events, 'notCarriedOut').some((event) => event.id === id) && {
      isNotCarriedOut: true as const,
    }),
    ...(isHarmless && { isHarmless }),
    ...(expected && { expected }),
  }));
}

function ofType<T extends RunEvent['type']>(events: readonly RunEvent[], type: T): Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type);
}
