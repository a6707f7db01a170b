import { z } from 'zod';
import type { Fault, LookContext } from '../src/contracts/fault.ts';
import { ClusterError, messageOf } from '../src/std/errors.ts';
import { leaderOf } from '../src/std/units/leadership.ts';
import { duration } from '../src/std/units/units.ts';
import { monotonicMs, sleepUntil } from '../src/std/wait.ts';
import { planSchemaChange, type SchemaChange } from './support/schema-change.ts';
import { sqlOf } from './support/sql.ts';

const retryEveryMs = 250;
/** Building an index waits for every open transaction. */
const statementTimeoutMs = 120_000;

const isAttached =
  'SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)) AS attached';

const params = z.strictObject({
  /**
   * `add-column`: with a constant default, so no row is touched. `rewrite-table`: with a volatile default, so every row is
   * rewritten while all sessions wait. `create-index`: concurrently, on each table partition if there are any.
   * `detach-partition`: its rows cannot be written until it is attached again.
   */
  kind: z.enum(['add-column', 'rewrite-table', 'create-index', 'detach-partition']),
  /** The workload's table. */
  table: z.string().min(1).default('ledger'),
  /** Retries a failed statement for this long, each time on the current leader, as a migration tool does. */
  retry: duration.prefault('30s'),
});
type Params = z.infer<typeof params>;

/**
 * DDL on the run's own table during the load. The rows keep their meaning for the read-back: columns and indexes are added,
 * a detached partition is attached again. The undo runs on the current leader. Only a detached partition is a harm that lasts
 * until it is healed: that of the others is over with their statement.
 */
const schemaChange: Fault<Params> = {
  summary: "Changes the schema of the load's table under load, and changes it back.",
  params,
  example: { kind: 'add-column', retry: '0s' },
  targets: 'none',
  effects: { servers: 'none' },
  needs: () => ['sql'],

  async inject(_targets, wanted, context) {
    const untilMs = monotonicMs() + wanted.retry;
    const failures: string[] = [];
    let change: SchemaChange | undefined;
    for (;;) {
      try {
        const node = await leadingNode(context);
        if (!change) {
          change = await planSchemaChange(sqlOf(node), wanted, context);
          for (const text of change.undo) context.undo({ do: 'sql', node: 'leader', text });
        }
        for (const text of change.statements) {
          const { signal } = context;
          await sqlOf(node).query(text, [], { signal, timeoutMs: statementTimeoutMs });
        }
        const { statements, partition = null } = change;
        const told = { kind: wanted.kind, node: node.name, statements, partition };
        return { ...told, failures: [...new Set(failures)] };
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push(messageOf(error));
        const nextMs = monotonicMs() + retryEveryMs;
        if (nextMs > untilMs) throw new ClusterError(summaryOf(failures), { cause: error });
        await sleepUntil(nextMs, context.signal);
      }
    }
  },

  async lapsed(_targets, _params, context) {
    const { partition } = context.detail as { readonly partition: string | null };
    if (partition === null) return undefined;
    const node = await leadingNode(context);
    const [found] = await sqlOf(node).query(isAttached, [partition], { signal: context.signal });
    if (found?.attached !== true) return undefined;
    return `${partition} is attached again on ${node.name}: by others, or a failover lost the change`;
  },
};
export default schemaChange;

async function leadingNode({ cluster, signal }: Pick<LookContext, 'cluster' | 'signal'>) {
  const leader = leaderOf(await cluster.topology(signal));
  const node = cluster.nodes.find(({ name }) => name === leader);
  if (!node) throw new ClusterError('there is no leader now to change the schema on');
  return node;
}

function summaryOf(failures: readonly string[]): string {
  return `tried ${failures.length} times; last error: ${failures.at(-1) ?? ''}`;
}
