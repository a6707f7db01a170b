import type { Observations, Sight, StatesSeen, StepBack } from '../../contracts/observation.ts';
import type { NodeReads, ReadsResult, Staleness, StepBackRead } from '../../contracts/result.ts';
import { clientReadsOf } from './client-reads.ts';
import { readDurationsOf } from './read-times.ts';
import { StateAges } from './state-ages.ts';

const stepsBackNamed = 20;

export interface ReadsContext {
  /** Start of the load, as the times of observations. */
  readonly originMs: number;
  readonly warmupMs?: number;
  /** When the first write of the load from a moment on was acknowledged; absent: not known of all. */
  readonly firstWriteFrom?: (fromMs: number) => number;
}

/** What a load's reads saw; undefined for one without reads, or whose version had no heartbeat. */
export function readsOf(
  observations: Observations | undefined,
  { originMs, firstWriteFrom, warmupMs = 0 }: ReadsContext,
): ReadsResult | undefined {
  if (!observations?.states) return undefined;
  const { states, missing, times } = observations;
  const ages = new StateAges(states.beats, originMs, firstWriteFrom);
  const names = [...new Set(states.sights.map(({ node }) => node))].sort();
  const nodes = names.map((node) => {
    const sights = states.sights.filter((sight) => sight.node === node);
    return nodeReads(node, aged(sights, ages), originMs);
  });
  return {
    reads: sum(states.sights, ({ reads }) => reads),
    heartbeats: {
      sent: states.beats.length,
      acknowledged: states.beats.filter(({ outcome }) => outcome === 'acknowledged').length,
    },
    staleness: stalest(nodes),
    stepsBack: {
      reads: sum(states.sights, ({ back }) => back),
      onConnection: sum(states.sights, ({ backOnConnection }) => backOnConnection),
      first: states.stepsBack
        .slice(0, stepsBackNamed)
        .map((step) => stepBackRead(step, ages, originMs)),
    },
    ...clientReadsOf(states, originMs),
    ...readDurationsOf(times, warmupMs),
    nodes,
    missing,
  };
}

/**
 * The age of each node's state over time, at least: the stalest read of each bucket. Milliseconds since the start of the load,
 * and milliseconds.
 */
export function stalenessSeries(
  { beats, sights }: StatesSeen,
  originMs: number,
  bucketMs: number,
): Readonly<Record<string, readonly (readonly [atMs: number, ms: number])[]>> {
  const ages = new StateAges(beats, originMs);
  const series: Record<string, Map<number, readonly [number, number]>> = {};
  for (const { sight, atLeastMs } of aged(sights, ages)) {
    const atMs = Math.round(sight.lastSentMs - originMs);
    const bucket = Math.floor(atMs / bucketMs);
    const of = (series[sight.node] ??= new Map<number, readonly [number, number]>());
    if (atLeastMs >= (of.get(bucket)?.[1] ?? 0)) of.set(bucket, [atMs, Math.round(atLeastMs)]);
  }
  return Object.fromEntries(
    Object.entries(series).map(([node, points]) => [
      node,
      [...points.values()].sort((a, b) => a[0] - b[0]),
    ]),
  );
}

interface AgedSight {
  readonly sight: Sight;
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/** The age of a state grows: the last read that saw it is the stalest. */
function aged(sights: readonly Sight[], ages: StateAges): readonly AgedSight[] {
  return sights.map((sight) => ({ sight, ...ages.ageOf(sight.beat, sight.lastSentMs) }));
}

function nodeReads(node: string, sights: readonly AgedSight[], originMs: number): NodeReads {
  const byAge = sights.toSorted((a, b) => a.atLeastMs - b.atLeastMs);
  const oldest = byAge.at(-1);
  const reads = sum(byAge, ({ sight }) => sight.reads);
  return {
    node,
    reads,
    staleness: {
      atLeastMs: Math.round(oldest?.atLeastMs ?? 0),
      atMostMs: Math.round(byAge.reduce((most, { atMostMs }) => Math.max(most, atMostMs), 0)),
      atMs: Math.round((oldest?.sight.lastSentMs ?? originMs) - originMs),
    },
    medianMs: Math.round(medianOf(byAge, reads)),
  };
}

/** Each read counts, also where several saw the same state. */
function medianOf(byAge: readonly AgedSight[], reads: number): number {
  let seen = 0;
  for (const { sight, atLeastMs } of byAge) {
    seen += sight.reads;
    if (seen * 2 >= reads) return atLeastMs;
  }
  return 0;
}

function stalest(nodes: readonly NodeReads[]): Staleness | null {
  const [first] = nodes.toSorted((a, b) => b.staleness.atLeastMs - a.staleness.atLeastMs);
  if (!first) return null;
  const atMostMs = Math.max(...nodes.map(({ staleness }) => staleness.atMostMs));
  return { ...first.staleness, atMostMs, node: first.node };
}

function stepBackRead(
  { session, from, to }: StepBack,
  ages: StateAges,
  originMs: number,
): StepBackRead {
  const apartMs = ages.writtenMs(from.beat) - ages.writtenMs(to.beat);
  return {
    session,
    node: to.node,
    atMs: Math.round(to.sentMs - originMs),
    before: { node: from.node, atMs: Math.round(from.sentMs - originMs) },
    byMs: apartMs > 0 ? Math.round(apartMs) : null,
  };
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
