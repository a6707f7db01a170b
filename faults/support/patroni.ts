import type {
  Cluster,
  MemberState,
  PatroniControl,
  Topology,
} from '../../src/contracts/cluster.ts';
import type { StepFacts } from '../../src/contracts/fault.ts';
import type { SchemaIssue } from '../../src/contracts/json.ts';
import { ClusterError, lacks, messageOf } from '../../src/std/errors.ts';
import { parseLsn } from '../../src/std/units/lsn.ts';
import { waitUntil } from '../../src/std/wait.ts';

export function patroniOf(cluster: Cluster): PatroniControl {
  return cluster.patroni ?? lacks({ name: cluster.id }, 'Patroni');
}

const idleTimeoutMs = 30_000;

/**
 * Asks Patroni for an action of which it does one at a time, and retries while it is busy with another, as an operator would.
 * Errors: ClusterError if it refuses for another reason, or is busy for too long.
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

/** For `problems`: a candidate that is not a node, or that Patroni refuses for its tags. */
export function candidateProblems(
  candidate: string | undefined,
  nodeNames: readonly string[],
  {
    tags = {},
    standbyNodes = [],
    isRefusalExpected,
  }: Pick<StepFacts, 'tags' | 'standbyNodes' | 'isRefusalExpected'>,
): readonly SchemaIssue[] {
  if (candidate === undefined) return [];
  const refuse = (message: string) => [{ path: ['candidate'], message }];
  if (!nodeNames.includes(candidate)) {
    return refuse(`unknown node '${candidate}'; nodes: ${nodeNames.join(', ')}`);
  }
  if (standbyNodes.includes(candidate)) {
    const instead = 'promote it by the fault promote-standby-cluster';
    return refuse(`${candidate} is of the standby cluster, whose Patroni is another; ${instead}`);
  }
  if (tags[candidate]?.nofailover !== true || isRefusalExpected) return [];
  return refuse(
    `${candidate} is tagged nofailover, so Patroni refuses it; take the tag away, or write expect: refused`,
  );
}

/**
 * The replica that has replayed furthest; among equals the first by name. If there are synchronous standbys, one of these:
 * Patroni accepts no other.
 * Errors: ClusterError if there is none, with the role and state of every node.
 */
export function furthestReplica(
  { members, leader, syncStandbys }: Topology,
  { standby }: Pick<Cluster, 'standby'>,
): MemberState {
  const replicas = members.filter(
    ({ node, role }) => role === 'replica' && node !== leader && !standby?.nodes.includes(node),
  );
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
