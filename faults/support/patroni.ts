import type {
  Cluster,
  MemberState,
  PatroniControl,
  Topology,
} from '../../src/contracts/cluster.ts';
import type { SchemaIssue } from '../../src/contracts/json.ts';
import { ClusterError, lacks, messageOf } from '../../src/std/errors.ts';
import { parseLsn } from '../../src/std/units/lsn.ts';
import { waitUntil } from '../../src/std/wait.ts';

export function patroniOf(cluster: Cluster): PatroniControl {
  return cluster.patroni ?? lacks({ name: cluster.id }, 'Patroni');
}

const idleTimeoutMs = 30_000;

/**
 * Asks Patroni for what it does one at a time, and asks again while it is busy with something else, as an operator would.
 * Errors: ClusterError when it refuses for another reason, or is busy for too long.
 */
export async function askWhenIdle(
  what: string,
  ask: () => Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const settled = await waitUntil(
    `Patroni is free to ${what}`,
    async () => {
      try {
        return { answer: await ask() };
      } catch (error) {
        return isBusy(error) ? false : { error };
      }
    },
    { timeoutMs: idleTimeoutMs, everyMs: 250, signal },
  );
  if ('error' in settled) throw settled.error;
  return settled.answer;
}

function isBusy(error: unknown): boolean {
  return messageOf(error).includes('already in progress');
}

/** For `problems`: a candidate that is no node. */
export function candidateProblems(
  candidate: string | undefined,
  nodeNames: readonly string[],
): readonly SchemaIssue[] {
  if (candidate === undefined || nodeNames.includes(candidate)) return [];
  const message = `there is no node '${candidate}': ${nodeNames.join(', ')}`;
  return [{ path: ['candidate'], message }];
}

/**
 * The replica that has replayed furthest; of equals the first by name. Where there are synchronous standbys one of these:
 * Patroni takes no other.
 * Errors: ClusterError when there is none, with what every node is instead.
 */
export function furthestReplica({ members, leader, syncStandbys }: Topology): MemberState {
  const replicas = members.filter(({ node, role }) => role === 'replica' && node !== leader);
  const synchronous = replicas.filter(({ node }) => syncStandbys.includes(node));
  const able = (synchronous.length > 0 ? synchronous : replicas).filter(isWell);
  const [first] = able.toSorted((a, b) => order(b, a) || a.node.localeCompare(b.node));
  if (first) return first;
  const found = members.map(({ node, role, state }) => `${node} ${role} (${state ?? 'no state'})`);
  throw new ClusterError(`no replica can be promoted now: ${found.join(', ')}`);
}

function isWell({ lsn, state }: MemberState): boolean {
  return lsn !== undefined && (state === undefined || ['running', 'streaming'].includes(state));
}

function order(a: MemberState, b: MemberState): number {
  const [one, other] = [parseLsn(a.lsn ?? '0/0'), parseLsn(b.lsn ?? '0/0')];
  return one === other ? 0 : one > other ? 1 : -1;
}
