import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/wait.ts';
import { askWhenIdle, patroniOf } from './support/patroni.ts';

const params = z.strictObject({});

/**
 * A restart as for a parameter that needs one: a checkpoint, a fast shutdown that closes every session in mid-COMMIT,
 * and a start. The lock stays where it is. Resolves when the server is up again, so there is nothing to undo.
 */
const restartPostgres: Fault<z.infer<typeof params>> = {
  summary: 'Has Patroni restart PostgreSQL on its targets, in an orderly way.',
  params,
  targets: 'nodes',
  needs: () => ['patroni'],
  processes: () => ({ of: 'postgres', become: 'alive', isOrderly: true }),

  async inject(targets, _params, { cluster, signal }) {
    const patroni = patroniOf(cluster);
    const answers = await allDone(
      targets.map(async ({ name }) => {
        const ask = () => patroni.restart(name, signal);
        return [name, await askWhenIdle(`restart ${name}`, ask, signal)] as const;
      }),
    );
    return { restarted: Object.fromEntries(answers) };
  },
};
export default restartPostgres;
