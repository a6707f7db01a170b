import type { PatroniControl, PatroniDocument } from '../contracts/cluster.ts';
import type { Json } from '../contracts/json.ts';
import { ClusterError } from '../std/errors.ts';
import { waitUntil } from '../std/wait.ts';
import { firstAnswer } from './first-answer.ts';
import {
  failover,
  type PatroniMember,
  patchConfig,
  readConfig,
  readDocument,
  readStatus,
  reinitialize,
  restart,
  switchover,
} from './rest.ts';

/** Time for the next loop of a member, whatever its loop_wait. */
const seenTimeoutMs = 30_000;

/**
 * Patroni's REST API as a control. `open` may bind each request to the lifetime of the cluster. `others`: members of another cluster,
 * for what is asked of one member alone.
 */
export function patroniControl(
  members: readonly PatroniMember[],
  open: (signal: AbortSignal) => AbortSignal = (signal) => signal,
  others: readonly PatroniMember[] = [],
): PatroniControl {
  const all = [...members, ...others];
  return {
    config: (signal) => documentOf(members, '/config', open(signal)),
    read: (document, signal) => documentOf(members, document, open(signal)),
    switchover: (options, signal) => switchover(members, options, open(signal)),
    failover: (options, signal) => failover(members, options, open(signal)),
    restart: (node, signal) => restart(all, node, open(signal)),
    reinitialize: (node, signal) => reinitialize(all, node, open(signal)),
    status: (node, signal) => statusOf(all, node, open(signal)),
    pause: (isPaused, signal) => pause(members, isPaused, open(signal)),
  };
}

async function statusOf(
  members: readonly PatroniMember[],
  node: string,
  signal: AbortSignal,
): Promise<Json> {
  const member = members.find((candidate) => candidate.node === node);
  if (!member) throw new ClusterError(`${node}: no REST interface of Patroni is known`);
  return readStatus(member, signal);
}

function documentOf(
  members: readonly PatroniMember[],
  document: PatroniDocument,
  signal: AbortSignal,
): Promise<Json> {
  return firstAnswer(members, (member) => readDocument(member, document, signal), signal);
}

/** Sent to the first member that answers; then every member that answers must have loaded it. */
async function pause(
  members: readonly PatroniMember[],
  isPaused: boolean,
  signal: AbortSignal,
): Promise<void> {
  const patch = { pause: isPaused ? true : null };
  await firstAnswer(members, (member) => patchConfig(member, patch, signal), signal);
  const what = isPaused ? 'is in maintenance mode' : 'is out of maintenance mode';
  await waitUntil(
    `every member that answers ${what}`,
    async () => {
      const configs = await Promise.all(
        members.map((member) => readConfig(member, signal).catch(() => undefined)),
      );
      return configs.every((config) => config === undefined || pauseOf(config) === isPaused);
    },
    { timeoutMs: seenTimeoutMs, everyMs: 200, signal },
  );
}

function pauseOf(config: unknown): boolean {
  return (config as { readonly pause?: unknown } | null)?.pause === true;
}
