import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json } from '../src/contracts/json.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { heldLapse } from './support/held.ts';
import { sqlOf } from './support/sql.ts';

const params = z.strictObject({
  /** Of those that are free at the injection. Connections that exist stay; reserved ones are never taken. */
  leave: z
    .int('must be a whole number')
    .min(0)
    .prefault(0)
    .describe('How many free connections are left to the others: 5.'),
});

/** PostgreSQL's own, where a lab sets nothing else. */
const usual = { max_connections: 100, superuser_reserved_connections: 3, reserved_connections: 0 };

// reserved_connections is of PostgreSQL 16.
const connections = `
  SELECT current_setting('max_connections')::int AS most,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
         count(*)::int AS taken
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/**
 * A pool without a limit, or an application that leaks connections: it opens all but a few of the free ones and keeps them idle. Who
 * connects from now on is refused with 53300, unless the role may use reserved connections: superusers may, and so may the load of
 * a lab, which is one. Patroni's own session stays. The hog takes nothing of what becomes free later.
 */
const connectionPressure: Fault<z.infer<typeof params>> = {
  summary: 'Opens all but a few of the free connections of its targets, and keeps them.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['sql'],
  claims: () => ['connections'],

  problems({ leave }, _nodeNames, _load, { parameters }) {
    if (!parameters) return [];
    const number = (name: keyof typeof usual) => Number(parameters[name] ?? usual[name]);
    const most = number('max_connections');
    const reserved = number('superuser_reserved_connections') + number('reserved_connections');
    if (!(leave >= most - reserved)) return [];
    const has = `a server here has ${most - reserved} connections (max_connections ${most}, ${reserved} of them reserved)`;
    return [{ path: ['leave'], message: `${leave} leaves nothing to take: ${has}` }];
  },

  async inject(targets, { leave }, { id, signal, undo }) {
    const found = await allDone(targets.map((node) => takeable(node, leave, signal)));
    for (const { name } of targets) undo({ do: 'release', node: name, tag: id });
    await allDone(
      targets.map((node, at) => {
        const count = found[at]?.taken ?? 0;
        return sqlOf(node).hold(id, Array<typeof idle>(count).fill(idle), signal);
      }),
    );
    return Object.fromEntries(targets.map(({ name }, at) => [name, found[at]])) as Json;
  },

  lapsed: (targets, _params, context) => {
    const detail = context.detail as Readonly<Record<string, { readonly taken: number }>>;
    const wanted = Object.entries(detail).map(([name, { taken }]) => [name, taken] as const);
    return heldLapse(targets, Object.fromEntries(wanted), context);
  },
};
export default connectionPressure;

const idle = { statements: [] };

/** Errors: ClusterError with the figures where there is nothing to take. */
async function takeable(node: Machine, leave: number, signal: AbortSignal) {
  const [row] = await sqlOf(node).query(connections, [], { signal });
  const { most, reserved, taken } = row as Readonly<Record<'most' | 'reserved' | 'taken', number>>;
  const free = most - reserved - taken;
  if (free > leave) return { taken: free - leave, left: leave, most, reserved };
  throw new ClusterError(
    `${node.name}: nothing to take: ${Math.max(0, free)} connections are free (max_connections ${most}, ${reserved} reserved, ${taken} taken), and leave is ${leave}`,
  );
}
