import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { sqlOf } from './support/sql.ts';

const params = z.strictObject({
  /** Sessions of the load, or of all clients except Patroni and the harness. */
  whose: z.enum(['load', 'everybody']).default('load'),
});

/** Patroni's sessions stay in both cases: without them Patroni would consider the server dead, which is another fault. */
const terminate = `
  SELECT count(*) FILTER (WHERE pg_terminate_backend(pid))::int AS terminated
    FROM pg_stat_activity
   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
     AND (application_name LIKE 'forkpoint load%'
          OR ($1 AND application_name NOT LIKE 'forkpoint%' AND application_name NOT LIKE 'Patroni%'))`;

/**
 * What a restarted pooler or an impatient administrator does: sessions end in mid-COMMIT with 57P01, the server continues.
 * A COMMIT that was already written is durable although its client gets no answer. There is nothing to undo.
 */
const terminateBackends: Fault<z.infer<typeof params>> = {
  summary: 'Ends the sessions of clients on its targets with pg_terminate_backend.',
  params,
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['sql'],

  async inject(targets, { whose }, { signal }) {
    const ended = async (node: Machine) => {
      const [row] = await sqlOf(node).query(terminate, [whose === 'everybody'], { signal });
      return [node.name, Number(row?.terminated ?? 0)] as const;
    };
    const counts = await allDone(targets.map(ended));
    if (counts.every(([, terminated]) => terminated === 0)) {
      const where = targets.map(({ name }) => name).join(', ');
      const who = whose === 'load' ? 'of the load' : 'of any client';
      throw new ClusterError(`no session ${who} on ${where}, so none was terminated`);
    }
    return { terminated: Object.fromEntries(counts) };
  },
};
export default terminateBackends;
