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
 * Runs one scenario several times as a suite of the same name, with seeds counting up from the plan's. One run at a
 * time, so that no run shares the host with the load of another.
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
