import type { Result } from '../result.ts';

/** What lies beside a result in its run's folder: files that a page may link to, relative to it; missing files are left out. */
export interface RunLinks {
  /** The overview of all runs, relative to the run's folder. */
  readonly index?: string;
  /** In the run's folder, by name: `events.jsonl`, `logs/pg1/patroni.log`. */
  readonly files: readonly string[];
  /** Absent: no log has a time that can be read. */
  readonly log?: LogExcerpt;
}

/** What the nodes logged around the moments of a run. */
export interface LogExcerpt {
  /** In order of time. */
  readonly lines: readonly LogExcerptLine[];
  /** Lines for which there is no room, and those without a time. */
  readonly leftOut: number;
}

/** `atMs`: milliseconds since the start of the load. `program`: patroni, postgres, etcd. */
export type LogExcerptLine = readonly [atMs: number, node: string, program: string, text: string];

export interface Reporter {
  readonly fileName: string;
  /** `links`: absent if the text does not go into the run's folder. */
  render(result: Result, links?: RunLinks): string;
}
