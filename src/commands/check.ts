import { planFrom, withPlanOptions, type PlanArguments } from './support/plan-options.ts';
import type { Plan } from '../contracts/scenario.ts';
import { describeConfig } from '../scenario/plan/describe-config.ts';
import { describePlan } from '../scenario/plan/plan.ts';
import { loadRegistryForPlans } from '../registry.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { print, tell } from '../std/output.ts';

export function checkCommand({ program }: CommandHost): void {
  withPlanOptions(
    program
      .command('check')
      .description('validate a scenario and print its plan; starts nothing')
      .argument('<scenario>', 'a name from scenarios/, or a file')
      .option(...jsonOption),
  ).action(async (nameOrPath: string, options: PlanArguments & JsonArguments) => {
    const { plan } = await planFrom(nameOrPath, options, await loadRegistryForPlans());
    if (options.json) printJson(plan);
    else print(`${[describePlan(plan), ...listed(plan)].join('\n')}\n`);
    // On stderr: stdout has only the plan, so that it can be compared or stored.
    tell(`\n${nameOrPath} is valid; nothing was started\n`);
  });
}

/** What the lab will run otherwise than the user's own Patroni configuration says. */
function listed({ scenario }: Plan): readonly string[] {
  const lines = describeConfig(scenario.cluster);
  return lines.length === 0 ? [] : ['', ...lines];
}
