import type { Topology } from '../contracts/cluster.ts';
import type { AwaitedState } from '../contracts/scenario.ts';
import { formatSize, formatState } from '../std/units/units.ts';
import { newestPrimaryOf } from '../std/units/leadership.ts';
import { lsnDistance } from '../std/units/lsn.ts';

/** The state at one moment. */
export interface Moment {
  /** On `monotonicMs`. */
  readonly atMs: number;
  readonly topology: Topology;
  /** Writes of the load. */
  readonly acknowledged: number;
}

export interface StateContext {
  /** The state that `failover` and `acknowledged` are counted from. */
  readonly since: Moment;
  /** The position for `replayed`: the primary's when the wait began. */
  readonly lsn: string | undefined;
  readonly now: Moment;
  /** The nodes that `streaming` refers to. */
  readonly nodes: readonly string[];
}

/** What is missing for an awaited state, in words; undefined once it is reached. A node without an answer never makes a state true. */
export function obstacleTo(
  state: Exclude<AwaitedState, { readonly is: 'delivered' }>,
  context: StateContext,
): string | undefined {
  const { now, since } = context;
  switch (state.is) {
    case 'failover':
      return noFailover(since.topology, now.topology);
    case 'leader':
      return now.topology.leader === undefined ? 'no node is leader' : undefined;
    case 'noLeader':
      return now.topology.leader === undefined ? undefined : `${now.topology.leader} is leader`;
    case 'acknowledged': {
      const writes = now.acknowledged - since.acknowledged;
      return writes >= state.writes ? undefined : `${writes} writes are acknowledged`;
    }
    case 'lag':
      return wrongLag(state, now.topology);
    case 'replayed':
      return notReplayed(context);
    case 'streaming':
      return notStreaming(context.nodes, now.topology);
  }
}

function noFailover(before: Topology, now: Topology): string | undefined {
  const old = newestPrimaryOf(before)?.node ?? before.leader;
  const timeline = Math.max(0, ...before.members.map((member) => member.timeline ?? 0));
  const isNew = now.members.some(
    (member) =>
      member.role === 'primary' && member.node !== old && (member.timeline ?? 0) > timeline,
  );
  if (isNew) return undefined;
  return `no other node than ${old ?? 'the old primary'} is primary on a timeline above ${timeline}`;
}

function wrongLag(
  state: Extract<AwaitedState, { readonly is: 'lag' }>,
  topology: Topology,
): string | undefined {
  const primary = newestPrimaryOf(topology);
  if (primary?.lsn === undefined) return 'no primary reports its position';
  const head = primary.lsn;
  const replicas = topology.members.filter(({ node }) => node !== primary.node);
  const lags = replicas.map(({ lsn }) => (lsn === undefined ? undefined : lagOf(head, lsn)));
  const known = lags.filter((lag) => lag !== undefined);
  if (known.length === 0) return 'no replica reports its position';
  const highest = Math.max(...known);
  // For `>` one replica far behind is enough; for `<` one without an answer could be anywhere.
  const isSo =
    state.op === '>'
      ? highest > state.bytes
      : known.length === replicas.length && highest < state.bytes;
  if (isSo) return undefined;
  const silent = known.length < replicas.length ? ', and some replicas do not answer' : '';
  return `the highest lag is ${formatSize(highest)}, not ${formatState(state).slice(4)}${silent}`;
}

function notReplayed({ lsn, now }: StateContext): string | undefined {
  if (lsn === undefined) return 'no primary reported its position';
  const primary = newestPrimaryOf(now.topology)?.node;
  const behind = now.topology.members.find(
    (member) => member.node !== primary && (member.lsn === undefined || lagOf(lsn, member.lsn) > 0),
  );
  return behind && `${behind.node} has replayed ${behind.lsn ?? 'an unknown position'}, not ${lsn}`;
}

function notStreaming(nodes: readonly string[], { leader, members }: Topology): string | undefined {
  const idle = nodes.find(
    (name) => members.find(({ node }) => node === name)?.isStreaming !== true,
  );
  if (idle !== undefined) return `${idle} is not streaming`;
  // For a moment after the end of the leader's server its replicas say that they stream, and a busy machine makes it long.
  const isDown = members.some(({ node, role }) => node === leader && role === 'down');
  return isDown ? `${leader ?? ''} is leader and does not answer` : undefined;
}

function lagOf(head: string, lsn: string): number {
  return Math.max(0, lsnDistance(head, lsn));
}
