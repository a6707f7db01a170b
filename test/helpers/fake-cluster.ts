import { scriptedShell } from './shells.ts';
import type { Cluster, MemberState, Node, Topology } from '../../src/contracts/cluster.ts';

/** A node that has only a name. */
export function fakeNode(name: string): Node {
  const endpoint = { host: name, port: 5432 };
  return {
    name,
    endpoint,
    observer: endpoint,
    shell: scriptedShell(),
  };
}

/** pg1 leads, pg2 and pg3 stream from it on timeline 1 and have replayed everything, except for the given values. */
export function topologyOf(
  over: Partial<Omit<Topology, 'members'>> & {
    readonly members?: Readonly<Record<string, Partial<MemberState>>>;
  } = {},
): Topology {
  const { members = {}, ...rest } = over;
  const usual: readonly MemberState[] = [
    { node: 'pg1', role: 'primary', state: 'running', timeline: 1, lsn: '0/3000060' },
    ...['pg2', 'pg3'].map((node) => ({
      node,
      role: 'replica' as const,
      state: 'streaming',
      timeline: 1,
      lsn: '0/3000060',
      isStreaming: true,
    })),
  ];
  return {
    leader: 'pg1',
    syncStandbys: [],
    isPaused: false,
    ...rest,
    members: usual.map((member) => ({ ...member, ...members[member.node] })),
  };
}

/**
 * A cluster of pg1, pg2 and pg3 for the runner's own logic: it returns the scripted topologies in turn, the last
 * one for ever; a function may throw.
 */
export function fakeCluster(...script: readonly (Topology | (() => Topology))[]): Cluster {
  let turn = 0;
  return {
    id: 'fake',
    backend: 'fake',
    sites: [],
    credentials: { user: 'x', database: 'x' },
    nodes: ['pg1', 'pg2', 'pg3'].map(fakeNode),
    versions: { postgres: '', patroni: '', dcs: '' },
    topology: () => {
      const next = script[Math.min(turn++, script.length - 1)] ?? topologyOf();
      return Promise.resolve().then(() => (typeof next === 'function' ? next() : next));
    },
    collectLogs: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
