import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { runsAgain } from './support/still.ts';

const params = z.strictObject({});

/**
 * What a power cut does to the processes: Patroni cannot release its lock or restart anything. The node's DCS member and
 * its page cache survive, so nothing that was written to the kernel is lost.
 */
const killNode: Fault<z.infer<typeof params>> = {
  summary:
    'Sends SIGKILL to Patroni and every PostgreSQL process of its targets; starts them to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'node', become: 'dead' }),

  async inject(targets, _params, { undo }) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    for (const { name } of targets) undo({ do: 'start', node: name, target: 'node' });
    await allDone(controls.map((control) => control.signal('node', 'SIGKILL')));
    return { killed: targets.map(({ name }) => name) };
  },

  lapsed: (targets) => runsAgain(targets, 'node'),
};
export default killNode;
