import { ScenarioError } from '../std/errors.ts';
import { loadRegistry } from '../registry.ts';
import { findLab, type FoundLab } from './support/find-cluster.ts';
import type { CommandHost } from './support/command-host.ts';
import { keepRunsOption } from './index-page.ts';
import { withLiveOptions } from './support/live-options.ts';
import { exitCodes, withOutputOptions } from './support/output.ts';
import { planFrom, withPlanOptions, type PlanArguments } from './support/plan-options.ts';
import { readRepeat, repeatOption } from './support/run-entries.ts';
import { runPlanned, type RunArguments } from './support/run-planned.ts';
import { runRepeated } from './support/run-repeated.ts';

interface ScenarioArguments extends RunArguments, PlanArguments {
  readonly attach?: string;
  readonly repeat?: string;
}

export function runCommand({ program, signal, exit }: CommandHost): void {
  withLiveOptions(
    withOutputOptions(
      withPlanOptions(
        program
          .command('run')
          .alias('scenario')
          .description('run a scenario and write its loss report')
          .argument('<scenario>', 'a name from scenarios/, or a file')
          .option('--image <name>', 'container image of `topology: single`; default: postgres:17')
          .option('--keep', 'hold the cluster after the report, until Ctrl-C')
          .option('--no-install', 'fail instead of installing what this host lacks')
          .option('--attach <lab>', 'use a cluster that `forkpoint lab` holds')
          .option('--keep-data', "with --cluster: leave the run's tables there, for `verify`")
          .option('--quiet', 'print the summary only')
          .option('--github', 'append the report to GITHUB_STEP_SUMMARY and print annotations')
          .option(...repeatOption)
          .option(...keepRunsOption),
      ),
    ),
  ).action(async (nameOrPath: string, options: ScenarioArguments) => {
    const registry = await loadRegistry();
    const lab = options.attach === undefined ? undefined : await findLab(options.attach, registry);
    const { plan, reproduce, overrides, choice, text } = await planFrom(
      nameOrPath,
      { ...options, ...(lab && { backend: backendOf(lab, options) }) },
      registry,
    );
    const repeat = readRepeat(options.repeat);
    if (repeat > 1) {
      refuseWithRepeat(options);
      const entry = { scenario: nameOrPath, plan, backend: options.backend, set: options.set };
      exit(await runRepeated(entry, { ...options, repeat, reproduce, registry, signal }));
      return;
    }
    const planned = { plan, reproduce, overrides, lab, why: choice.why, scenarioText: text };
    const outcome = await runPlanned(planned, options, { registry, signal });
    if (outcome) exit(exitCodes[outcome.result.status]);
  });
}

/** Options that --repeat cannot pass on: each run is a process with a lab of its own. */
function refuseWithRepeat(options: ScenarioArguments): void {
  const others = ['keep', 'attach', 'image', 'json', 'prometheus', 'web', 'cure'] as const;
  const given = others.find((name) => options[name] !== undefined);
  if (given !== undefined) throw new ScenarioError(`--repeat: cannot be combined with --${given}`);
}

/** An attached run is planned for the lab's backend. Errors: ScenarioError when --backend names another. */
function backendOf(
  { backend }: FoundLab,
  { backend: asked, attach }: Pick<ScenarioArguments, 'backend' | 'attach'>,
): string {
  if (asked === undefined || asked === backend) return backend;
  throw new ScenarioError(`--backend ${asked}: lab ${attach ?? ''} is a ${backend} one`);
}
