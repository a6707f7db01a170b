import type { Result } from '../result.ts';

/** Files that a page may link to, relative to it; missing files are left out. */
export interface RunLinks {
  /** The overview of all runs, relative to the run's folder. */
  readonly index?: string;
  /** In the run's folder, by name: `events.jsonl`, `logs/pg1/patroni.log`. */
  readonly files: readonly string[];
}

export interface Reporter {
  readonly fileName: string;
  /** `links`: absent if the text does not go into the run's folder. */
  render(result: Result, links?: RunLinks): string;
}
