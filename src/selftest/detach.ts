import { HarnessBug, lacks } from '../std/errors.ts';
import type { Session } from '../pg/session.ts';
import { waitUntil } from '../std/wait.ts';
import { sessionOn, type StagedRun } from './stage-run.ts';

export interface Detached extends AsyncDisposable {
  readonly name: string;
  readonly session: Session;
}

const promotionTimeoutMs = 30_000;

/** Ends Patroni on one replica, because it would rewind the server, and promotes the server by hand: from then on it accepts writes. */
export async function detachReplica(run: StagedRun, signal: AbortSignal): Promise<Detached> {
  const { cluster } = run;
  const node = cluster.nodes.findLast(({ name }) => name !== run.primary);
  if (!node) throw new HarnessBug('the cluster has no replica');
  await (node.process ?? lacks(node, 'process')).signal('patroni', 'SIGKILL');
  const session = await sessionOn(cluster, node.name, signal);
  await session.rows('SELECT pg_promote(false)');
  const isPromoted = async (): Promise<boolean> => {
    const [row] = await session.rows<{ recovering: boolean }>(
      'SELECT pg_is_in_recovery() AS recovering',
    );
    return row?.recovering === false;
  };
  await waitUntil(`${node.name} is promoted`, isPromoted, {
    timeoutMs: promotionTimeoutMs,
    signal,
  });
  return { name: node.name, session, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}
