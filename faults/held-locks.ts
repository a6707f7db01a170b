import { z } from 'zod';
import type { HeldSession } from '../src/contracts/cluster.ts';
import type { Fault, LookContext } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { leaderOf } from '../src/std/units/leadership.ts';
import { allDone } from '../src/std/wait.ts';
import { heldLapse } from './support/held.ts';
import { findRunTable } from './support/run-table.ts';
import { sqlOf } from './support/sql.ts';

const kinds = ['table', 'rows', 'waiting-ddl', 'prepared-transaction', 'snapshot'] as const;

const params = z.strictObject({
  /**
   * `table`: ACCESS EXCLUSIVE, as by a migration left open; reads and writes wait. `rows`: every row that is there, FOR UPDATE;
   * updates wait, inserts do not. `waiting-ddl`: an open transaction that has read the table, and behind it a statement that
   * waits for ACCESS EXCLUSIVE: everything after that one waits, too. `prepared-transaction`: the lock of `table` in a
   * transaction that was prepared and never decided: it outlives its session, a crash and a failover. `snapshot`: no lock, an old
   * snapshot that keeps VACUUM from removing rows, and on a replica delays replay.
   */
  kind: z.enum(kinds).describe(`What is held: ${kinds.join(', ')}.`),
  /** The workload's table. */
  table: z.string().min(1).default('ledger').describe("The workload's table: ledger."),
});
type Params = z.infer<typeof params>;

/**
 * A transaction that an application left open. Its sessions are those of an ordinary client of the server's, so the server's own limits end
 * them (idle_in_transaction_session_timeout, lock_timeout, statement_timeout): that is a cure, and no lapse of the fault.
 */
const heldLocks: Fault<Params> = {
  summary: 'Holds a lock, a snapshot or a prepared transaction in sessions that stay open.',
  params,
  example: { kind: 'table' },
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['sql'],
  claims: ({ kind, table }) => (kind === 'snapshot' ? [] : [`locks on ${table}`]),

  problems({ kind }, _nodeNames, _load, { target, nodes, parameters }) {
    const refuse = (message: string) => [{ path: ['kind'], message }];
    const isOfReplicas = /^(replica|any-replica|sync-standby|not leader)$/.test(target);
    if (kind !== 'snapshot' && isOfReplicas) {
      return refuse(
        `${kind} needs a primary, and the target is '${target}': a standby takes no such lock`,
      );
    }
    if (kind !== 'snapshot' && target === 'all' && nodes > 1) {
      return refuse(
        `${kind} needs a primary, and ${nodes - 1} of the ${nodes} nodes of target all are standbys`,
      );
    }
    const most = Number(parameters?.max_prepared_transactions ?? 0);
    if (kind !== 'prepared-transaction' || !parameters || most > 0) return [];
    return refuse(
      'max_prepared_transactions is 0 here, so no transaction can be prepared; set cluster.parameters: { max_prepared_transactions: 5 }',
    );
  },

  async inject(targets, { kind, table }, { id, signal, undo }) {
    const sessions = await allDone(
      targets.map(async (node) => {
        if (kind === 'snapshot') return sessionsFor(kind, '');
        return sessionsFor(kind, (await findRunTable(sqlOf(node), table, signal)).quoted);
      }),
    );
    // Wherever it is by then: after a failover the new primary has it.
    if (kind === 'prepared-transaction') undo({ do: 'release', node: 'leader', tag: id });
    else for (const { name } of targets) undo({ do: 'release', node: name, tag: id });
    await allDone(targets.map((node, at) => sqlOf(node).hold(id, sessions[at] ?? [], signal)));
    return { kind, on: targets.map(({ name }) => name), ...(kind !== 'snapshot' && { table }) };
  },

  async lapsed(targets, { kind }, context) {
    if (kind === 'prepared-transaction') return notPrepared(context);
    const count = sessionsFor(kind, '').length;
    return heldLapse(
      targets,
      Object.fromEntries(targets.map(({ name }) => [name, count])),
      context,
    );
  },
};
export default heldLocks;

function sessionsFor(kind: Params['kind'], table: string): readonly HeldSession[] {
  const exclusive = `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`;
  switch (kind) {
    case 'table':
      return [{ statements: ['BEGIN', exclusive] }];
    case 'rows':
      return [
        {
          statements: ['BEGIN', `SELECT count(*) FROM (SELECT FROM ${table} FOR UPDATE) AS locked`],
        },
      ];
    case 'waiting-ddl':
      return [
        { statements: ['BEGIN', `SELECT FROM ${table} LIMIT 1`] },
        // It asks for the lock of an ALTER TABLE and changes nothing, should it ever get it; then it ends at once, as DDL does.
        { statements: [], waits: `DO $ddl$ BEGIN ${exclusive}; END $ddl$` },
      ];
    case 'prepared-transaction':
      return [{ statements: ['BEGIN', exclusive], isPrepared: true }];
    case 'snapshot':
      return [
        {
          statements: [
            'BEGIN ISOLATION LEVEL REPEATABLE READ',
            // With a transaction id, as of one that has written; a standby gives none.
            'SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE txid_current() END',
          ],
        },
      ];
  }
}

/** On the leader of now: a standby shows those that it has received. */
async function notPrepared({ cluster, id, signal }: LookContext): Promise<string | undefined> {
  const leader = leaderOf(await cluster.topology(signal));
  const node = cluster.nodes.find(({ name }) => name === leader);
  if (!node) throw new ClusterError('there is no leader now to ask for the prepared transaction');
  const { hasPrepared } = await sqlOf(node).held(id);
  if (hasPrepared) return undefined;
  return `the prepared transaction is gone on ${node.name}: others decided it, or a failover lost it`;
}
