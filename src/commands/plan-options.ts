import { Option, type Command } from 'commander';
import type { Registry } from '../contracts/registry.ts';
import type { Plan } from '../contracts/scenario.ts';
import { ScenarioError } from '../errors.ts';
import { planScenario } from '../scenario/plan.ts';
import { readScenarioFile } from '../scenario/read.ts';

/** What `run` and `check` both take. */
export interface PlanArguments {
  readonly backend?: string;
  readonly seed: string;
  readonly set: readonly string[];
}

export function withPlanOptions(command: Command): Command {
  return command
    .addOption(new Option('--backend <name>', 'where the cluster runs'))
    .option('--seed <number>', 'chooses keys, payloads and random targets', '1')
    .option('--set <key=value>', 'overrides one value of the file; may be repeated', collect, []);
}

/** Errors: ScenarioError with everything that is wrong with the file and the options. */
export async function planFrom(
  nameOrPath: string,
  { backend, seed, set }: PlanArguments,
  registry: Registry,
): Promise<{ readonly plan: Plan; readonly reproduce: string }> {
  const number = Number(seed);
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 32) {
    throw new ScenarioError(`--seed ${seed}: needs a whole number from 0 to 4294967295`);
  }
  const scenario = await readScenarioFile(nameOrPath, { registry, set });
  const plan = planScenario(scenario, { seed: number, backend, registry });
  const options = [
    ...[`--seed ${number}`, ...(backend === undefined ? [] : [`--backend ${backend}`])],
    ...set.map((override) => `--set ${shellQuoted(override)}`),
  ];
  return { plan, reproduce: `npm run scenario ${shellQuoted(nameOrPath)} -- ${options.join(' ')}` };
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function shellQuoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
