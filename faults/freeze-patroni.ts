import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { isThawed } from './support/still.ts';

const params = z.strictObject({});

/**
 * The lock is not renewed and the server not demoted, so it stays writable for connected clients: there are two primaries
 * once the lock has expired, unless a watchdog resets the machine.
 */
const freezePatroni: Fault<z.infer<typeof params>> = {
  summary:
    'Sends SIGSTOP to Patroni on its targets and leaves PostgreSQL running; SIGCONT to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process', 'patroni'],
  processes: () => ({ of: 'patroni', become: 'frozen' }),

  async inject(targets, _params, { undo }) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    for (const { name } of targets) undo({ do: 'resume', node: name, target: 'patroni' });
    await allDone(controls.map((control) => control.signal('patroni', 'SIGSTOP')));
    return { frozen: targets.map(({ name }) => name) };
  },

  lapsed: (targets) => isThawed(targets, 'patroni'),
};
export default freezePatroni;
