import type { FollowedRun } from '../run/downstream/running.ts';
import type { StagedRun } from './stage-run.ts';
import type { OpenOptions } from './workloads.ts';

export interface FollowOptions extends OpenOptions {
  readonly log: (line: string) => void;
}

/** A staged run as what follows a run from outside knows it. */
export function followedRun(
  { runId: id, directory, plan }: StagedRun,
  { registry, signal, log }: FollowOptions,
): FollowedRun {
  return {
    id,
    directory,
    plan,
    options: { registry, signal },
    note: (what) => log(`      ${what}`),
  };
}
