import type { Cluster, MemberState, Topology } from '../contracts/cluster.ts';
import type { ReadBack } from '../contracts/evidence.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { parseLsn, withoutPageHeader } from '../pg/lsn.ts';
import { primariesOf, primaryOf } from '../std/units/leadership.ts';
import { seconds } from '../std/units/shown.ts';
import { monotonicMs, waitUntil } from '../std/wait.ts';

export interface Convergence {
  readonly ok: boolean;
  /** What was still missing at the timeout. */
  readonly reason?: string;
  readonly ms: number;
  /** Each node that had not come back at the timeout, and its last state. */
  readonly nodes?: ReadBack['converged']['nodes'];
  /** The single primary at the end; undefined when there is none or more than one, or another node holds the lock. */
  readonly primary?: string;
  /** Its timeline, if it reported one. */
  readonly timeline?: number;
}

/**
 * Waits until there is one leader and every node streams on its timeline and has replayed past the
 * position the leader had once all that was true. Not converging in time is an answer, not an error.
 */
export async function converge(
  cluster: Pick<Cluster, 'topology'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Convergence> {
  const startedMs = monotonicMs();
  let reason = 'no topology read yet';
  let target: string | undefined;
  let topology: Topology | undefined;
  const hasConverged = async (within: AbortSignal): Promise<boolean> => {
    topology = await cluster.topology(within);
    reason = obstacle(topology) ?? '';
    if (reason !== '') target = undefined;
    else target ??= positionOf(topology);
    if (target !== undefined) reason = behind(topology, target) ?? '';
    // Thrown, so that the message of the wait says what is missing.
    if (reason !== '') throw new Error(reason);
    return target !== undefined;
  };
  let ok = true;
  try {
    await waitUntil('the cluster has converged', hasConverged, { timeoutMs, signal, everyMs: 100 });
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    ok = false;
    if (error.cause !== undefined) reason = messageOf(error.cause);
  }
  const primary = topology && truePrimary(topology);
  const late = ok || !topology ? [] : stragglers(topology, target);
  return {
    ok,
    ...(!ok && { reason: `after ${seconds(timeoutMs)}: ${reason}` }),
    ...(late.length > 0 && { nodes: late }),
    ms: Math.round(monotonicMs() - startedMs),
    ...(primary && { primary: primary.node }),
    ...(primary?.timeline !== undefined && { timeline: primary.timeline }),
  };
}

/**
 * The only server that reports primary is not the reference while another node holds the lock: that one may be down, and
 * hold writes acknowledged since.
 */
function truePrimary(topology: Topology) {
  const primary = primaryOf(topology);
  return topology.leader === undefined || topology.leader === primary?.node ? primary : undefined;
}

/** The position that a replica must have replayed to have everything that the primary has. */
function positionOf(topology: Topology): string | undefined {
  const lsn = primaryOf(topology)?.lsn;
  return lsn === undefined ? undefined : withoutPageHeader(lsn);
}

/** The first obstacle to convergence, in words; undefined when there is none. */
export function obstacle(topology: Topology): string | undefined {
  const primaries = primariesOf(topology);
  const [primary] = primaries;
  if (!primary) return 'no node is primary';
  if (primaries.length > 1) return `primaries: ${primaries.map(({ node }) => node).join(' and ')}`;
  const isAlone = topology.members.length === 1;
  if (!isAlone && topology.leader !== primary.node) {
    return `${primary.node} is primary and ${topology.leader ?? 'no node'} is leader`;
  }
  return topology.members.map((member) => notFollowing(member, primary)).find(isKnown);
}

/** Why a member is not a replica of the primary; undefined if it is. */
function notFollowing(member: MemberState, primary: MemberState): string | undefined {
  if (member === primary) return undefined;
  if (member.role === 'down') return `${member.node} is down (${member.state ?? 'no state'})`;
  if (member.isStreaming !== true) return `${member.node} is not streaming`;
  if (member.timeline === primary.timeline) return undefined;
  const found = `timeline ${member.timeline ?? '?'}`;
  return `${member.node} is on ${found}, the primary on ${primary.timeline ?? '?'}`;
}

function behind(topology: Topology, target: string): string | undefined {
  const primary = primaryOf(topology)?.lsn;
  return topology.members.map((member) => notReplayed(member, target, primary)).find(isKnown);
}

function notReplayed(
  { node, role, lsn }: MemberState,
  target: string,
  primary: string | undefined,
): string | undefined {
  if (role !== 'replica') return undefined;
  if (lsn === undefined || parseLsn(lsn) < parseLsn(target)) {
    return `${node} has replayed ${lsn ?? 'nothing'}, not yet ${target}`;
  }
  if (isAhead(lsn, primary)) {
    return `${node} has replayed ${lsn}, ahead of the primary at ${primary ?? '?'}: it has diverged`;
  }
  return undefined;
}

/** No replica of this timeline can be ahead; a write between the two queries shows on both in the next poll. */
function isAhead(lsn: string | undefined, primary: string | undefined): boolean {
  return lsn !== undefined && primary !== undefined && parseLsn(lsn) > parseLsn(primary);
}

const isKnown = (what: string | undefined) => what !== undefined;

/** Every node that is not a replica of the only primary yet; empty if there is no such primary. */
function stragglers(
  topology: Topology,
  target: string | undefined,
): NonNullable<Convergence['nodes']> {
  const primary = primaryOf(topology);
  if (!primary) return [];
  return topology.members.flatMap((member) => {
    const late = target === undefined ? undefined : notReplayed(member, target, primary.lsn);
    const what = notFollowing(member, primary) ?? late;
    if (what === undefined) return [];
    const isOther = member.timeline === primary.timeline && isAhead(member.lsn, primary.lsn);
    return [{ node: member.node, what, ...(isOther && { isAhead: true }) }];
  });
}
