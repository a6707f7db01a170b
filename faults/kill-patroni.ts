import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { runsAgain } from './support/still.ts';

const params = z.strictObject({});

/**
 * PostgreSQL continues as it was, writable if it was the primary, and nothing can demote it: once the lock has expired
 * there are two primaries, unless a watchdog resets the machine. Healing starts Patroni, which takes over the running
 * server.
 */
const killPatroni: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGKILL to Patroni on its targets and leaves PostgreSQL running.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process', 'patroni'],
  processes: () => ({ of: 'patroni', become: 'dead' }),

  async inject(targets, _params, { undo }) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    for (const { name } of targets) undo({ do: 'start', node: name, target: 'patroni' });
    await allDone(controls.map((control) => control.signal('patroni', 'SIGKILL')));
    return { killed: targets.map(({ name }) => name) };
  },

  lapsed: (targets) => runsAgain(targets, 'patroni'),
};
export default killPatroni;
