import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import type { LoadSpec } from '../src/contracts/scenario.ts';
import type { SchemaIssue } from '../src/contracts/json.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone, monotonicMs } from '../src/std/wait.ts';
import { askProxy, proxiesOfKind, routeProblems } from './support/proxies.ts';

const params = z.strictObject({
  /** How long the transactions in progress may go on. One that lasts longer makes the pause an error, and it is taken back. */
  limit: duration.prefault('30s'),
});

/**
 * PAUSE lets each transaction in progress end, closes the connection to the server, and makes clients wait; RESUME sends on what
 * they sent meanwhile. In force when no server has a connection of the pool. Whether another
 * admin has resumed it is not known: PgBouncer 1.18 does not show it.
 */
const pausePool: Fault<z.infer<typeof params>> = {
  summary: 'Pauses every PgBouncer after its transactions in progress; resumes to heal.',
  params,
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => ['shell', 'proxy'],
  problems: (_params, _names, load) => [
    ...routeProblems(load, 'pgbouncer'),
    ...sessionPooling(load),
  ],

  async inject(_targets, { limit }, { cluster, signal, undo }) {
    const pools = proxiesOfKind(cluster, 'pgbouncer');
    for (const { name, control } of pools) {
      undo({ do: 'exec', node: name, argv: control.adminCommand('RESUME') });
    }
    const paused = await allDone(
      pools.map(async (pool) => {
        const begunMs = monotonicMs();
        await askProxy(pool, 'PAUSE', { signal, timeoutMs: limit });
        return [pool.name, { afterMs: Math.round(monotonicMs() - begunMs) }] as const;
      }),
    );
    return { paused: Object.fromEntries(paused) };
  },
};
export default pausePool;

/** Its PAUSE waits for clients to leave, which those of a load do not. */
function sessionPooling({ routes = [] }: LoadSpec): readonly SchemaIssue[] {
  const route = routes.find(({ via, pooling = 'session' }) => {
    return via === 'pgbouncer' && pooling === 'session';
  });
  if (!route) return [];
  const message = `route ${route.name} pools sessions, and PAUSE would wait until its clients leave: set pooling: transaction`;
  return [{ path: [], message }];
}
