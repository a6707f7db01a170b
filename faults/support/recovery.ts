import type { Machine } from '../../src/contracts/cluster.ts';
import { sqlOf } from './sql.ts';

/** Whether its server is a standby. Errors: ClusterError when it does not answer. */
export async function isInRecovery(node: Machine, signal: AbortSignal): Promise<boolean> {
  const [row] = await sqlOf(node).query('SELECT pg_is_in_recovery() AS recovering', [], { signal });
  return row?.recovering === true;
}
