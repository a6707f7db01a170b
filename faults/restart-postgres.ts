import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/std/wait.ts';
import { askWhenIdle, patroniOf } from './support/patroni.ts';
import { untilRestarted } from './support/restarted.ts';

const params = z.strictObject({});

/**
 * A restart as for a parameter that needs one: a checkpoint, a fast shutdown that closes every session in mid-COMMIT,
 * and a start. The lock stays with its holder. Resolves when the server is up again, whatever Patroni answered meanwhile,
 * so there is nothing to undo.
 */
const restartPostgres: Fault<z.infer<typeof params>> = {
  summary: 'Asks Patroni for a clean restart of PostgreSQL on its targets.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['patroni'],
  processes: () => ({ of: 'postgres', become: 'alive', isOrderly: true }),

  async inject(targets, _params, { cluster, signal }) {
    const patroni = patroniOf(cluster);
    const answers = await allDone(
      targets.map(async (node) => {
        const { name } = node;
        const ask = () =>
          askWhenIdle(`restart ${name}`, () => patroni.restart(name, signal), signal);
        return [name, await untilRestarted(node, ask, signal)] as const;
      }),
    );
    return { restarted: Object.fromEntries(answers) };
  },
};
export default restartPostgres;
