import { loadRegistry } from '../registry.ts';
import type { CommandHost } from './support/command-host.ts';
import { type LoadArguments, planLoad, withLoadOptions } from './support/load-plan.ts';
import { usualDuration, withProfileOptions } from './support/profile-options.ts';
import { exitCodes } from './support/output.ts';
import { runPlanned } from './support/run-planned.ts';

const kind = {
  name: 'load',
  claim: 'No acknowledged write is lost, whatever is done to the servers meanwhile.',
  why: 'load alone, on a server that exists',
};

export function loadCommand({ program, signal, exit }: CommandHost): void {
  withProfileOptions(
    withLoadOptions(
      program
        .command('load')
        .description('write to a server that exists, and account for every acknowledged write'),
      { clients: '16', durationSays: `how long; default: ${usualDuration}` },
    ),
  ).action(async (options: LoadArguments) => {
    const registry = await loadRegistry();
    const planned = await planLoad(options, kind, registry);
    const outcome = await runPlanned(planned, { ...options, install: false }, { registry, signal });
    if (outcome) exit(exitCodes[outcome.result.status]);
  });
}
