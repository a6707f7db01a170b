import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { isThawed } from './support/still.ts';

const params = z.strictObject({});

/**
 * A paused machine, as by a hypervisor during a migration or a snapshot. When it wakes up it does not notice that time has
 * passed: the server may acknowledge pending writes before Patroni finds its lock gone.
 */
const freezeNode: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGSTOP to Patroni and every PostgreSQL process of its targets; SIGCONT to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'node', become: 'frozen' }),

  async inject(targets, _params, { undo }) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    for (const { name } of targets) undo({ do: 'resume', node: name, target: 'node' });
    await allDone(controls.map((control) => control.signal('node', 'SIGSTOP')));
    return { frozen: targets.map(({ name }) => name) };
  },

  lapsed: (targets) => isThawed(targets, 'node'),
};
export default freezeNode;
