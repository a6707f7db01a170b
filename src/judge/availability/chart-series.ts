import type { RunEvent } from '../../contracts/evidence.ts';
import type { Result, RoleSpan, Timeline } from '../../contracts/result.ts';
import { OUTCOME } from '../../evidence/journal/format.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { unreachableSpans } from './unreachable.ts';

/** What takes the latencies of one bucket; milliseconds out. */
export interface BucketLatency {
  record(latencyUs: number): void;
  summary(): { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
}

const mostBuckets = 1_200;
const steps = [100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000];

/** The finest of a few round steps that keeps a chart of the whole load readable, and its file small. */
export function bucketFor(loadMs: number): number {
  return steps.find((step) => loadMs / step <= (step < 1_000 ? 400 : mostBuckets)) ?? 3_600_000;
}

/** Counts and latencies of operations by the moment of their answer, for charts. */
export class TimelineVisitor implements JournalVisitor {
  readonly bucketMs: number;
  readonly #make: () => BucketLatency;
  readonly #acknowledged: number[] = [];
  readonly #failed: number[] = [];
  readonly #indeterminate: number[] = [];
  readonly #latencies: (BucketLatency | undefined)[] = [];

  constructor(bucketMs: number, makeLatency: () => BucketLatency) {
    this.bucketMs = bucketMs;
    this.#make = makeLatency;
  }

  records({ length, outcome, answeredUs, totalUs }: RecordBatch): void {
    for (let index = 0; index < length; index++) {
      const bucket = Math.floor((answeredUs[index] ?? 0) / 1000 / this.bucketMs);
      const of = outcome[index];
      if (of === OUTCOME.failed) add(this.#failed, bucket);
      else if (of === OUTCOME.indeterminate) add(this.#indeterminate, bucket);
      else {
        add(this.#acknowledged, bucket);
        const latency = (this.#latencies[bucket] ??= this.#make());
        latency.record(totalUs[index] ?? 0);
      }
    }
  }

  /** Its operation was sent again. */
  attempt({ outcome, answeredUs }: RecordCursor): void {
    const bucket = Math.floor(answeredUs / 1000 / this.bucketMs);
    add(outcome === OUTCOME.failed ? this.#failed : this.#indeterminate, bucket);
  }

  /** `loadMs`: as long as the load was, at least; what was answered later has its place too. */
  series(loadMs: number): Omit<Timeline, 'roles' | 'lagBytes' | 'unreachable'> {
    const lengths = [this.#acknowledged, this.#failed, this.#indeterminate].map(
      (all) => all.length,
    );
    const buckets = Math.max(Math.ceil(loadMs / this.bucketMs), ...lengths);
    const filled = (counts: readonly number[]) =>
      Array.from({ length: buckets }, (_, bucket) => counts[bucket] ?? 0);
    const found = Array.from({ length: buckets }, (_, bucket) =>
      this.#latencies[bucket]?.summary(),
    );
    const latency = (of: 'p50' | 'p99' | 'max') => found.map((summary) => summary?.[of] ?? null);
    return {
      bucketMs: this.bucketMs,
      acknowledged: filled(this.#acknowledged),
      failed: filled(this.#failed),
      indeterminate: filled(this.#indeterminate),
      latencyMs: { p50: latency('p50'), p99: latency('p99'), max: latency('max') },
    };
  }
}

function add(counts: number[], bucket: number): void {
  counts[bucket] = (counts[bucket] ?? 0) + 1;
}

/**
 * Each node's role over time, as the watcher saw it. `originMs`: start of the load on the events' clock; times are counted
 * from there. A role lasts until the next reading that differs, at most until `endMs`. While the DCS does not answer, the
 * last holder of the lock counts as its holder: it was not seen to lose it.
 */
export function roleSpans(
  events: readonly RunEvent[],
  { originMs, endMs }: { readonly originMs: number; readonly endMs: number },
): RoleSpan[] {
  const open = new Map<string, RoleSpan>();
  const spans: RoleSpan[] = [];
  let holder: string | undefined;
  const close = (span: RoleSpan, toMs: number) => {
    const clipped = { ...span, fromMs: Math.max(0, span.fromMs), toMs: Math.min(toMs, endMs) };
    if (clipped.toMs > clipped.fromMs) spans.push(clipped);
  };
  for (const event of events) {
    if (event.type !== 'topology') continue;
    const atMs = Math.round(event.atMs - originMs);
    const { leader, members, isLockUnknown } = event.topology;
    if (isLockUnknown !== true) holder = leader;
    for (const { node, role, timeline } of members) {
      const isLeader = role === 'primary' && holder === node;
      const now: RoleSpan = {
        node,
        role: isLeader ? 'leader' : role,
        timeline: timeline ?? null,
        fromMs: atMs,
        toMs: endMs,
      };
      const before = open.get(node);
      if (before?.role === now.role && before.timeline === now.timeline) continue;
      if (before) close(before, atMs);
      open.set(node, now);
    }
  }
  for (const span of open.values()) close(span, endMs);
  return spans.sort((a, b) => a.node.localeCompare(b.node) || a.fromMs - b.fromMs);
}

/** Replicas' distance behind the primary at each look, bytes. */
export function lagSeries(
  events: readonly RunEvent[],
  originMs: number,
): Readonly<Record<string, readonly (readonly [atMs: number, bytes: number])[]>> {
  const series: Record<string, [number, number][]> = {};
  for (const event of events) {
    if (event.type !== 'lag') continue;
    const atMs = Math.round(event.atMs - originMs);
    for (const [node, bytes] of Object.entries(event.bytes))
      (series[node] ??= []).push([atMs, bytes]);
  }
  return series;
}

/** Everything a chart shows; null when the load never began. */
export function timelineOf(
  { loadMs, originMs }: RunFacts,
  events: readonly RunEvent[],
  visitor: TimelineVisitor,
): Result['timeline'] {
  if (loadMs === undefined) return null;
  return {
    ...visitor.series(loadMs),
    roles: roleSpans(events, { originMs, endMs: loadMs }),
    lagBytes: lagSeries(events, originMs),
    unreachable: unreachableSpans(events, { originMs, endMs: loadMs }),
  };
}
