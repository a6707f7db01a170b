import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { isThawed } from './support/still.ts';

const params = z.strictObject({});

/**
 * A server that hangs, as with a disk that does not answer or a host that swaps. Sockets stay open, without an error.
 * Patroni runs, and must notice that its server does not. Operations in flight continue when the server wakes up, although
 * another node may be primary by then.
 */
const freezePostgres: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGSTOP to every PostgreSQL process of its targets; SIGCONT to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'postgres', become: 'frozen' }),

  async inject(targets, _params, { undo }) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    for (const { name } of targets) undo({ do: 'resume', node: name, target: 'postgres' });
    await allDone(controls.map((control) => control.signal('postgres', 'SIGSTOP')));
    return { frozen: targets.map(({ name }) => name) };
  },

  lapsed: (targets) => isThawed(targets, 'postgres'),
};
export default freezePostgres;
