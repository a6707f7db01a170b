import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone, waitUntil } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';
import { isInRecovery } from './support/recovery.ts';
import { sqlOf } from './support/sql.ts';

const params = z.strictObject({});

/** Replay stops between two records: one that waits for a conflicting query or a delay gets there late. */
const pausedTimeoutMs = 20_000;

/** On a primary, which it may be by then, there is nothing to resume. */
const resume = `DO $resume$ BEGIN IF pg_is_in_recovery() THEN PERFORM pg_wal_replay_resume(); END IF; END $resume$`;

/** Before PostgreSQL 14 the request is all that a server tells of. */
const state = (versionNumber: number) =>
  versionNumber >= 140000
    ? `SELECT pg_get_wal_replay_pause_state() AS state`
    : `SELECT CASE WHEN pg_is_wal_replay_paused() THEN 'paused' ELSE 'not paused' END AS state`;

/**
 * A replica that receives WAL and shows old data, as after a backup or an inspection that forgot to resume. A promotion ends the
 * pause, and so does Patroni in each of its loops, on PostgreSQL 14 and later, unless it is in maintenance mode.
 * Source: Patroni, postgresql/__init__.py, handle_parameter_change; PostgreSQL, xlogrecovery.c.
 */
const pauseReplay: Fault<z.infer<typeof params>> = {
  summary: 'Pauses the replay of WAL on its targets (pg_wal_replay_pause); resumes it to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['sql'],
  follows: {
    oneOf: ['maintenance', 'patroniGone'],
    because:
      'Patroni resumes a paused replay in its next loop, except in maintenance mode: let a step pause-patroni come before',
  },
  problems: (_params, _nodeNames, _load, { target, nodes }) => {
    if (target !== 'leader' && target !== 'all' && nodes > 1) return [];
    return [{ path: [], message: `a primary replays nothing, and the target is '${target}'` }];
  },

  async inject(targets, _params, { undo, signal }) {
    const primaries = await nodesWhere(
      targets,
      async (node) => !(await isInRecovery(node, signal)),
    );
    if (primaries)
      throw new ClusterError(`${primaries}: it is a primary now, which replays nothing`);
    for (const { name } of targets) undo({ do: 'sql', node: name, text: resume });
    const at = await allDone(
      targets.map(async (node) => [node.name, await pauseOn(node, signal)] as const),
    );
    return { replayed: Object.fromEntries(at) };
  },

  async lapsed(targets, _params, { signal }) {
    const where = await nodesWhere(targets, async (node) => {
      return (await isInRecovery(node, signal)) && (await stateOn(node, signal)) === 'not paused';
    });
    return where && `replay on ${where} was resumed from outside the run`;
  },

  async remarks(targets, _params, { signal }) {
    const where = await nodesWhere(targets, async (node) => !(await isInRecovery(node, signal)));
    return where === undefined ? [] : [`a promotion ended the pause of replay on ${where}`];
  },
};
export default pauseReplay;

/** Returns the position up to which it has replayed. */
async function pauseOn(node: Machine, signal: AbortSignal): Promise<string | null> {
  await sqlOf(node).query('SELECT pg_wal_replay_pause()', [], { signal });
  await waitUntil(
    `replay on ${node.name} is paused`,
    async () => (await stateOn(node, signal)) === 'paused',
    { timeoutMs: pausedTimeoutMs, everyMs: 100, signal },
  );
  const [row] = await sqlOf(node).query('SELECT pg_last_wal_replay_lsn()::text AS at', [], {
    signal,
  });
  return typeof row?.at === 'string' ? row.at : null;
}

/** Of a server in recovery. */
async function stateOn(node: Machine, signal: AbortSignal): Promise<string> {
  const asked = `SELECT current_setting('server_version_num') AS version`;
  const [found] = await sqlOf(node).query(asked, [], { signal });
  const [row] = await sqlOf(node).query(state(Number(found?.version)), [], { signal });
  return String(row?.state);
}
