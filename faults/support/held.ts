import type { Machine } from '../../src/contracts/cluster.ts';
import type { LookContext } from '../../src/contracts/fault.ts';
import { sqlOf } from './sql.ts';

/**
 * What a server does by itself to a session that is held: its limits (statement_timeout, lock_timeout, the three timeouts of idle
 * sessions, transactions and idle transactions), a conflict with replay. That is how a cluster gets over it, and what a run observes.
 */
const cures = ['57014', '55P03', '25P03', '57P05', '25P04', '40001'];

/** For `lapsed`: sessions that an administrator ended, or that a restart of the server took along. */
export async function heldLapse(
  targets: readonly Machine[],
  wanted: Readonly<Record<string, number>>,
  { id }: Pick<LookContext, 'id'>,
): Promise<string | undefined> {
  for (const node of targets) {
    const most = wanted[node.name] ?? 0;
    const { sessions, endedBy } = await sqlOf(node).held(id);
    const cured = endedBy.filter((state) => cures.includes(state)).length;
    if (sessions + cured >= most) continue;
    return `${most - sessions - cured} of ${most} sessions on ${node.name} ended otherwise than by a limit of the server's`;
  }
  return undefined;
}
