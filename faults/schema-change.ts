import { z } from 'zod';
import type { Fault, FaultContext } from '../src/contracts/fault.ts';
import { ClusterError, messageOf } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { monotonicMs, sleepUntil } from '../src/std/wait.ts';
import { planSchemaChange, type SchemaChange } from './support/schema-change.ts';
import { sqlOf } from './support/sql.ts';

const retryEveryMs = 250;
/** Building an index waits for every transaction that is open. */
const statementTimeoutMs = 120_000;

const params = z.strictObject({
  /**
   * `add-column`: with a constant default, so no row is touched. `rewrite-table`: with a volatile one, so every row is
   * written anew while everybody waits. `create-index`: concurrently, on each partition where there are some.
   * `detach-partition`: its rows cannot be written until it is attached again.
   */
  kind: z.enum(['add-column', 'rewrite-table', 'create-index', 'detach-partition']),
  /** The workload's table. */
  table: z.string().min(1).default('ledger'),
  /** A statement that fails is tried again this long, on whoever leads then, as a migration tool does. */
  retry: duration.prefault('30s'),
});
type Params = z.infer<typeof params>;

/**
 * DDL on the run's own table while it is written to. Nothing that is read back afterwards changes its meaning: columns and
 * indexes are added, a partition is put back where it was. Taken back on whoever leads then.
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
        const node = await leaderOf(context);
        if (!change) {
          change = await planSchemaChange(sqlOf(node), wanted, context);
          for (const text of change.undo) context.undo({ do: 'sql', node: 'leader', text });
        }
        for (const text of change.statements) {
          const { signal } = context;
          await sqlOf(node).query(text, [], { signal, timeoutMs: statementTimeoutMs });
        }
        const { statements } = change;
        return { kind: wanted.kind, node: node.name, statements, failures: [...new Set(failures)] };
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push(messageOf(error));
        const nextMs = monotonicMs() + retryEveryMs;
        if (nextMs > untilMs) throw new ClusterError(lastWords(failures), { cause: error });
        await sleepUntil(nextMs, context.signal);
      }
    }
  },
};
export default schemaChange;

async function leaderOf({ cluster, signal }: FaultContext) {
  const { leader, members } = await cluster.topology(signal);
  const primaries = members.filter(({ role }) => role === 'primary').map(({ node }) => node);
  const name = leader ?? (primaries.length === 1 ? primaries[0] : undefined);
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (!node) throw new ClusterError('nobody is leader now, so nobody takes a change of the schema');
  return node;
}

function lastWords(failures: readonly string[]): string {
  return `tried ${failures.length} times, at last: ${failures.at(-1) ?? ''}`;
}
