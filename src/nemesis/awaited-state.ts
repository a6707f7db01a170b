import type { Topology } from '../contracts/cluster.ts';
import type { AwaitedState } from '../contracts/scenario.ts';
import { formatSize, formatState } from '../std/units/units.ts';
import { newestPrimaryOf } from '../std/units/leadership.ts';
import { lsnDistance } from '../std/units/lsn.ts';

/** How things stood at some moment. */
export interface Moment {
  /** On `monotonicMs`. */
  readonly atMs: number;
  readonly topology: Topology;
  /** Writes of the load. */
  readonly acknowledged: number;
}

export interface StateContext {
  /** What `failover` and `acknowledged` are counted from. */
  readonly since: Moment;
  /** Position that `replayed` asks for: the primary's when the wait began. */
  readonly lsn: string | undefined;
  readonly now: Moment;
  /** Who is meant by `streaming`. */
  readonly nodes: readonly string[];
}

/** What still stands against an awaited state, in words; undefined once it has come. Nobody's silence makes a state true. */
export function obstacleTo(state: AwaitedState, context: StateContext): string | undefined {
  const { now, since } = context;
  switch (state.is) {
    case 'failover':
      return noFailover(since.topology, now.topology);
    case 'leader':
      return now.topology.leader === undefined ? 'nobody is leader' : undefined;
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
  if (primary?.lsn === undefined) return 'no primary says its position';
  const head = primary.lsn;
  const replicas = topology.members.filter(({ node }) => node !== primary.node);
  const lags = replicas.map(({ lsn }) => (lsn === undefined ? undefined : lagOf(head, lsn)));
  const known = lags.filter((lag) => lag !== undefined);
  if (known.length === 0) return 'no replica says its position';
  const highest = Math.max(...known);
  // One far behind is enough for `>`; for `<` a silent one could be anywhere.
  const isSo =
    state.op === '>'
      ? highest > state.bytes
      : known.length === replicas.length && highest < state.bytes;
  if (isSo) return undefined;
  const silent = known.length < replicas.length ? ', and some are silent' : '';
  return `the highest lag is ${formatSize(highest)}, not ${formatState(state).slice(4)}${silent}`;
}

function notReplayed({ lsn, now }: StateContext): string | undefined {
  if (lsn === undefined) return 'no primary said its position';
  const primary = newestPrimaryOf(now.topology)?.node;
  const behind = now.topology.members.find(
    (member) => member.node !== primary && (member.lsn === undefined || lagOf(lsn, member.lsn) > 0),
  );
  return behind && `${behind.node} has replayed ${behind.lsn ?? 'nobody knows what'}, not ${lsn}`;
}

function notStreaming(nodes: readonly string[], { members }: Topology): string | undefined {
  const idle = nodes.find(
    (name) => members.find(({ node }) => node === name)?.isStreaming !== true,
  );
  return idle === undefined ? undefined : `${idle} is not streaming`;
}

function lagOf(head: string, lsn: string): number {
  return Math.max(0, lsnDistance(head, lsn));
}
