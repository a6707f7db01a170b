import type { Plan } from '../../contracts/scenario.ts';
import { repeatEntry } from '../../scenario/read-suite.ts';
import type { Registry } from '../../registry.ts';
import { readKeepRuns } from './record-run.ts';
import { runEntries } from './run-entries.ts';

interface RepeatOptions {
  readonly repeat: number;
  readonly reproduce: string;
  readonly install: boolean;
  readonly keepRuns?: string;
  readonly github?: true;
  readonly registry: Registry;
  readonly signal: AbortSignal;
}

/**
 * The same scenario several times, one after the other, as a suite that is named like it; seeds count up from the
 * plan's. One at a time, so that none has another's load beside it.
 */
export function runRepeated(
  {
    plan,
    scenario,
    backend,
    set,
  }: {
    readonly plan: Plan;
    readonly scenario: string;
    readonly backend: string | undefined;
    readonly set: readonly string[];
  },
  { repeat, keepRuns, ...options }: RepeatOptions,
): Promise<number> {
  const { name } = plan.scenario;
  const entry = {
    label: name,
    scenario,
    plan,
    seed: plan.seed,
    set,
    isExclusive: false,
    ...(backend !== undefined && { backend }),
  };
  return runEntries(
    { name, entries: repeatEntry(entry, repeat) },
    {
      ...options,
      jobs: 1,
      keepRuns: readKeepRuns(keepRuns),
      reproduce: `${options.reproduce} --repeat ${repeat}`,
    },
  );
}
