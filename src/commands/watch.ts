import { loadRegistry } from '../registry.ts';
import type { CommandHost } from './support/command-host.ts';
import { type LoadArguments, planLoad, withLoadOptions } from './support/load-plan.ts';
import { exitCodes } from './support/output.ts';
import { runPlanned } from './support/run-planned.ts';

const kind = {
  name: 'watch',
  claim: 'What was done by hand meanwhile lost no acknowledged write.',
  why: 'load alone, until it is ended: what happens meanwhile is up to you',
  isOpenEnded: true,
} as const;

export function watchCommand(host: CommandHost): void {
  const { program, signal, exit, takeInterrupt } = host;
  withLoadOptions(
    program
      .command('watch')
      .description(
        'write and watch while you fail over, upgrade or migrate by hand; Ctrl-C ends it',
      ),
    { rate: '100/s', clients: '8', duration: '24h', durationSays: 'end by itself after so long' },
  )
    .option(
      '--hold-rejoin',
      'have pg_rewind of an old primary wait until evidence of it was taken, at most 60 s; needs rewind and shell in consent',
    )
    .action(async (options: LoadArguments) => {
      const registry = await loadRegistry();
      const planned = await planLoad(options, kind, registry);
      const outcome = await runPlanned(
        planned,
        { ...options, install: false },
        { registry, signal, takeInterrupt },
      );
      if (outcome) exit(exitCodes[outcome.result.status]);
    });
}
