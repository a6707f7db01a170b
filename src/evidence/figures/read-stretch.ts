import type { ReadFigures } from '../../contracts/figures.ts';
import type { Latency } from '../../contracts/result.ts';
import type { ReadTimesLine } from '../observations/format.ts';
import { LatencyRecorder } from './latency-recorder.ts';

type Times = Pick<ReadTimesLine, 'answered' | 'failed' | 'latency' | 'service'>;

/** Reads that are counted together. */
export class ReadStretch {
  readonly #latency = new LatencyRecorder('stored');
  readonly #service = new LatencyRecorder('stored');
  #answered = 0;
  #failed = 0;

  add({ answered, failed, latency, service }: Times): void {
    this.#answered += answered;
    this.#failed += failed;
    this.#latency.addPacked(latency);
    this.#service.addPacked(service);
  }

  figures(): ReadFigures {
    return {
      ...this.#counts(),
      latencyMs: this.#latency.figures() ?? null,
      serviceMs: this.#service.figures() ?? null,
    };
  }

  /** The same with the number of latencies, as results have it. */
  summary(): ReadSummary {
    return {
      ...this.#counts(),
      latencyMs: this.#latency.summary() ?? null,
      serviceMs: this.#service.summary() ?? null,
    };
  }

  #counts() {
    return { answered: this.#answered, failed: this.#failed };
  }
}

interface ReadSummary {
  readonly answered: number;
  readonly failed: number;
  readonly latencyMs: Latency | null;
  readonly serviceMs: Latency | null;
}
