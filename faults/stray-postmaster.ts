import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { isInRecovery } from './support/recovery.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({});

/**
 * The distribution's own service, or an operator, starts PostgreSQL on a node whose Patroni is down: on what was a primary it is one
 * again, with no lock and on its old timeline. Patroni, once it starts there, takes the server over and demotes it; until then nothing
 * does. It listens where Patroni's did, so clients that look for a writable node find it.
 */
const strayPostmaster: Fault<z.infer<typeof params>> = {
  summary:
    'Starts PostgreSQL by pg_ctl on the data of its targets, past Patroni; stops it to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['stray', 'process', 'sql'],
  follows: {
    oneOf: ['serverEnded'],
    because:
      'PostgreSQL runs on its target, and no earlier step ends it: let stop-node or kill-node come before',
  },

  async inject(targets, _params, { id, undo, signal }) {
    const controls = targets.map((node) => strayOf(node));
    for (const { name } of targets) undo({ do: 'stopStray', node: name, tag: id });
    await allDone(controls.map((control) => control.start(id)));
    const roles = await allDone(
      targets.map(async (node) => {
        return [node.name, (await isInRecovery(node, signal)) ? 'standby' : 'primary'] as const;
      }),
    );
    return { started: Object.fromEntries(roles) };
  },

  /** Patroni has such a server for its own as soon as it runs there: what it does with it is what the run observes. */
  async lapsed(targets, _params, { id }) {
    const where = await nodesWhere(targets, async (node) => {
      return !(await hasPatroni(node)) && !(await strayOf(node).isRunning(id));
    });
    return where && `the server past Patroni on ${where} was ended from outside the run`;
  },

  async remarks(targets, _params, { id }) {
    const ended = await nodesWhere(targets, async (node) => {
      return (await hasPatroni(node)) && !(await strayOf(node).isRunning(id));
    });
    const kept = await nodesWhere(targets, async (node) => {
      return (await hasPatroni(node)) && (await strayOf(node).isRunning(id));
    });
    return [
      ...(ended === undefined ? [] : [`Patroni ended the server past it on ${ended}`]),
      ...(kept === undefined
        ? []
        : [`Patroni runs the server that was started past it on ${kept}`]),
    ];
  },
};
export default strayPostmaster;

function strayOf(node: Machine) {
  return node.stray ?? lacks(node, 'start of a server past Patroni');
}

async function hasPatroni(node: Machine): Promise<boolean> {
  return (node.process ?? lacks(node, 'processes')).isRunning('patroni');
}
