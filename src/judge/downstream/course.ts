import type { StoredConsumer, TimedLine } from '../../contracts/downstream.ts';
import type {
  ConsumerCourse,
  ConsumerDeliveries,
  ConsumerSpan,
  ConsumerState,
} from '../../contracts/result/downstream.ts';

const bucketMs = 1_000;

/** What a consumer's process was seen to do over time; undefined: it has none of ours, or it never started. */
export function courseOf({ consumer, lines, sink }: StoredConsumer): ConsumerCourse | undefined {
  // A consumer's own lines and the harness's come by different ways.
  const ordered = lines.toSorted((a, b) => a.atUs - b.atUs);
  if (!ordered.some(({ type }) => type === 'started')) return undefined;
  const lastUs = ordered.at(-1)?.atUs ?? 0;
  const endUs = sink.status === 'read' ? Math.max(lastUs, sink.readAtUs) : lastUs;
  return {
    spans: spansOf(ordered, msOf(endUs)),
    deliveries: consumer === 'cdc' ? deliveriesOf(ordered) : null,
    gapsAtMs: ordered.filter(({ type }) => type === 'gap').map(({ atUs }) => msOf(atUs)),
  };
}

/** The states of the first process: a second one's are of a fault, which is drawn as such. */
function spansOf(lines: readonly TimedLine[], endMs: number): readonly ConsumerSpan[] {
  const spans: ConsumerSpan[] = [];
  const seen = new Process();
  let from: { readonly state: ConsumerState; readonly atMs: number } | undefined;
  let before = 0;
  const end = (atMs: number) => {
    if (from && atMs > from.atMs) spans.push({ state: from.state, fromMs: from.atMs, toMs: atMs });
    from = undefined;
  };
  for (const line of lines.filter(({ isSecond }) => !isSecond)) {
    const atMs = msOf(line.atUs);
    // An older version did not say when a killed one ended: some time after its last word.
    if (line.type === 'started' && seen.isUp) end(before);
    seen.hear(line);
    if (seen.state !== from?.state) {
      end(atMs);
      if (seen.state) from = { state: seen.state, atMs };
    }
    before = atMs;
  }
  end(endMs);
  return spans;
}

class Process {
  isUp = false;
  #hasStarted = false;
  #isFrozen = false;
  #hasStreamed = false;
  readonly #waitsFor = new Set<'source' | 'sink'>();

  /** Undefined: it has not started yet. */
  get state(): ConsumerState | undefined {
    if (!this.#hasStarted) return undefined;
    if (!this.isUp) return 'down';
    if (this.#isFrozen) return 'frozen';
    if (this.#waitsFor.has('sink')) return 'sinkAway';
    return this.#waitsFor.has('source') ? 'sourceAway' : 'up';
  }

  hear(line: TimedLine): void {
    switch (line.type) {
      case 'started':
        this.#hasStarted = true;
        this.isUp = true;
        this.#isFrozen = false;
        this.#hasStreamed = false;
        this.#waitsFor.clear();
        return;
      case 'streaming':
        this.#waitsFor.delete('source');
        // It asks its sink where to begin before its first stream, and not before the others.
        if (!this.#hasStreamed) this.#waitsFor.delete('sink');
        this.#hasStreamed = true;
        return;
      case 'delivered':
        this.#waitsFor.delete('sink');
        return;
      case 'retry':
        if (line.waitsFor) this.#waitsFor.add(line.waitsFor);
        return;
      case 'frozen':
      case 'thawed':
        this.#isFrozen = line.type === 'frozen';
        return;
      case 'ended':
      case 'stopped':
        this.isUp = false;
        return;
      case 'gap':
      case 'state':
    }
  }
}

function deliveriesOf(lines: readonly TimedLine[]): readonly ConsumerDeliveries[] {
  const buckets = new Map<number, ConsumerDeliveries>();
  for (const line of lines) {
    if (line.type !== 'delivered') continue;
    const fromMs = Math.floor(line.atUs / 1000 / bucketMs) * bucketMs;
    const { batches, changes } = buckets.get(fromMs) ?? { batches: 0, changes: 0 };
    buckets.set(fromMs, { fromMs, batches: batches + 1, changes: changes + line.changes });
  }
  return [...buckets.values()];
}

function msOf(us: number): number {
  return Math.round(us / 1000);
}
