import { HarnessBug, ScenarioError } from '../std/errors.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { selftest } from '../selftest/selftest.ts';
import { planSelftest } from '../selftest/prepare.ts';
import type { TrialResult } from '../selftest/trial-result.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import type { CommandHost } from './support/command-host.ts';
import { bootOwnLab } from './support/boot-lab.ts';
import { sayLongWaits } from './support/logger.ts';
import { prepareHost } from './support/prepare-host.ts';
import { print, tell } from '../std/output.ts';

interface SelftestArguments extends JsonArguments {
  readonly seed: string;
  readonly repeat: string;
  readonly install: boolean;
}

export function selftestCommand({ program, signal, exit }: CommandHost): void {
  program
    .command('selftest')
    .description('damage a live cluster in known ways, and check that each damage is found exactly')
    .option(
      '--seed <number>',
      'selects the rows to damage; each repetition uses the next seed',
      '1',
    )
    .option('--repeat <count>', 'how many times, each on a new cluster', '1')
    .option('--no-install', 'fail instead of installing what this host lacks')
    .option(...jsonOption)
    .action(async ({ seed, repeat, install, json }: SelftestArguments) => {
      const first = wholeNumber('--seed', seed, 0);
      const times = wholeNumber('--repeat', repeat, 1);
      const registry = await loadRegistry();
      const log = (line: string): void => (json ? tell : print)(`${line}\n`);
      using _waits = sayLongWaits(log);
      await prepareHost(localBackend(registry), { install, log });
      const trials: (TrialResult & { readonly seed: number })[] = [];
      for (let each = first; each < first + times; each++) {
        log(`selftest --seed ${each}`);
        const found = await onOwnCluster(registry, each, { signal, log });
        trials.push(...found.map((trial) => ({ seed: each, ...trial })));
      }
      const failures = trials.filter(({ problems }) => problems.length > 0).length;
      if (json) printJson({ failures, trials });
      log(
        failures === 0 ? 'All planted damage was found, and nothing else.' : `${failures} FAILED`,
      );
      exit(failures === 0 ? 0 : 1);
    });
}

async function onOwnCluster(
  registry: Registry,
  seed: number,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (line: string) => void },
): Promise<readonly TrialResult[]> {
  const { cluster: spec } = planSelftest(seed, registry).scenario;
  const quiet = { signal, log: () => undefined, needs: ['sink', 'archive'] as const };
  await using cluster = await bootOwnLab(localBackend(registry), spec, quiet);
  return await selftest({ cluster, registry, seed, signal, log });
}

function localBackend(registry: Registry) {
  const backend = registry.backends.get('local');
  if (!backend) throw new HarnessBug('there is no local backend');
  return backend;
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number < 2 ** 31) return number;
  throw new ScenarioError(`${option} ${text}: needs a whole number from ${least}`);
}
