import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { startAgain } from './support/start-again.ts';

const params = z.strictObject({});

/**
 * Patroni stays alive and decides what happens next: a restart in place, or with `primary_start_timeout: 0` a
 * failover. Healing must not start PostgreSQL behind Patroni's back (it may be rewinding just then), so it only
 * makes sure that Patroni runs. In a cluster without Patroni, it starts the server itself.
 */
const killPostgres: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGKILL to every PostgreSQL process of its targets and leaves Patroni alive.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'postgres', become: 'alive' }),

  async inject(targets, _params, context) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    startAgain(targets, context);
    await allDone(controls.map((control) => control.signal('postgres', 'SIGKILL')));
    return { killed: targets.map(({ name }) => name) };
  },
};
export default killPostgres;
