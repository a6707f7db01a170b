import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/std/wait.ts';
import {
  chooseProcesses,
  describeChosen,
  processKeys,
  processProblems,
  signalChosen,
} from './support/server-process.ts';
import { startAgain } from './support/start-again.ts';

const params = z.strictObject({
  ...processKeys,
  /** A crash is SIGKILL; SIGTERM, SIGINT and SIGQUIT mean what PostgreSQL makes of them in that process. */
  signal: z.enum(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT']).default('SIGKILL'),
});

/**
 * One process ends, not the server: the postmaster then ends all others and recovers from WAL, unless it is the postmaster
 * itself. Then the others notice one by one, and a new server cannot start before the last is gone. Patroni decides what
 * follows.
 */
const killProcess: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGKILL, or another signal, to one kind of PostgreSQL process on its targets.',
  params,
  example: { process: 'checkpointer' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: ({ process }) => (process === 'backend' ? ['process', 'sql'] : ['process']),
  problems: (choice, _names, _load, step) => processProblems(choice, step),
  processes: () => ({ of: 'postgres', become: 'alive' }),

  async inject(targets, { signal, ...choice }, context) {
    startAgain(targets, context);
    const chosen = await chooseProcesses(targets, choice, context);
    await allDone(chosen.map((one) => signalChosen(one, signal)));
    return { signal, met: describeChosen(chosen) };
  },
};
export default killProcess;
