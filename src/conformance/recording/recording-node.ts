import type { Node, ServerProcess } from '../../contracts/cluster.ts';
import type { Recorded } from './recorded.ts';
import { recordingSql } from './recording-sql.ts';
import { scriptedShell } from './scripted-shell.ts';

/** One process of each kind that every server has. */
function serversOf(isFrozen: boolean): readonly ServerProcess[] {
  const kinds = ['postmaster', 'checkpointer', 'backend'] as const;
  return kinds.map((kind, at) => ({
    pid: 101 + at,
    kind,
    title: `postgres: ${kind}`,
    isFrozen,
    memoryBytes: (at + 1) * 1_000_000,
    oomScore: 667,
    oomAdjustment: 0,
  }));
}

/** `env NODE=pg1 ... COMMAND`, as faults give a node's context. */
function withoutContext(argv: readonly string[]): readonly string[] {
  return argv[0] === 'env' ? argv.slice(1).filter((word) => !word.includes('=')) : argv;
}

/** A node that only remembers what was done to it. */
export function recordingNode(name: string, recorded: Recorded): Node {
  const { state } = recorded;
  return {
    name,
    endpoint: { host: name, port: 5432 },
    observer: { host: name, port: 5432 },
    shell: scriptedShell(async (argv) => {
      const [command = ''] = withoutContext(argv);
      if (command === 'heal') state.stopped.delete(`whatever of ${name}`);
      if (command === 'harm') {
        await recorded.harm(name, 'exec');
        state.stopped.add(`whatever of ${name}`);
      }
      const isHarmed = state.stopped.has(`whatever of ${name}`);
      return { exitCode: command === 'look' && !isHarmed ? 1 : 0 };
    }),
    sql: recordingSql(name, {
      harm: (what) => recorded.harm(name, what),
      stopped: state.stopped,
    }),
    stray: {
      start: async (tag) => {
        await recorded.harm(name, 'stray server');
        state.stopped.add(`stray on ${name} by ${tag}`);
      },
      stop: (tag) => Promise.resolve(void state.stopped.delete(`stray on ${name} by ${tag}`)),
      isRunning: (tag = '') => {
        const begins = `stray on ${name} by ${tag}`;
        return Promise.resolve([...state.stopped].some((one) => one.startsWith(begins)));
      },
    },
    secondCluster: {
      start: async (tag) => {
        await recorded.harm(name, 'second cluster');
        state.stopped.add(`second cluster on ${name} by ${tag}`);
        return { role: 'replica' };
      },
      end: (tag) =>
        Promise.resolve(void state.stopped.delete(`second cluster on ${name} by ${tag}`)),
      isRunning: (tag) => Promise.resolve(state.stopped.has(`second cluster on ${name} by ${tag}`)),
    },
    tags: {
      read: () => Promise.resolve(state.stopped.has(`tags of ${name}`) ? { nofailover: true } : {}),
      set: async () => {
        await recorded.harm(name, 'tags');
        state.stopped.add(`tags of ${name}`);
      },
      restore: () => Promise.resolve(void state.stopped.delete(`tags of ${name}`)),
    },
    names: {
      name: `${name}.test`,
      change: async (tag, { kind }) => {
        await recorded.harm(name, `name ${kind}`);
        state.stopped.add(`name of ${name} by ${tag}`);
      },
      restore: (tag) => Promise.resolve(void state.stopped.delete(`name of ${name} by ${tag}`)),
      holds: (tag) => Promise.resolve(state.stopped.has(`name of ${name} by ${tag}`)),
    },
    certificates: {
      endsAt: () => {
        const begins = `certificate of ${name} until `;
        const replaced = [...state.stopped].find((one) => one.startsWith(begins));
        return Promise.resolve(new Date(replaced?.slice(begins.length) ?? '2040-01-01'));
      },
      replace: async (_id, endsAt) => {
        await recorded.harm(name, 'certificate');
        state.stopped.add(`certificate of ${name} until ${endsAt.toISOString()}`);
      },
      restore: () => {
        for (const one of state.stopped) {
          if (one.startsWith(`certificate of ${name} `)) state.stopped.delete(one);
        }
        return Promise.resolve();
      },
    },
    network: {
      apply: async (tag, rules) => {
        await recorded.harm(name, 'network rules');
        state.rules.set(`${name} ${tag}`, rules);
      },
      clear: (tag) => {
        state.rules.delete(`${name} ${tag}`);
        return Promise.resolve();
      },
      reset: async (connections) => {
        await recorded.harm(name, `reset ${connections.length}`);
        return connections;
      },
      connections: () =>
        Promise.resolve([
          { localAddress: name, localPort: 5432, remoteAddress: '10.0.0.9', remotePort: 40001 },
          { localAddress: name, localPort: 5432, remoteAddress: '10.0.0.9', remotePort: 40002 },
        ]),
      holds: (tag) => Promise.resolve(state.rules.has(`${name} ${tag}`)),
    },
    shaping: {
      shape: async (tag, shape) => {
        await recorded.harm(name, `shape ${JSON.stringify(shape)}`);
        state.stopped.add(`${name} shaped by ${tag}`);
        return 'tbf';
      },
      unshape: (tag) => Promise.resolve(void state.stopped.delete(`${name} shaped by ${tag}`)),
      holds: (tag) => Promise.resolve(state.stopped.has(`${name} shaped by ${tag}`)),
    },
    process: {
      servers: () => {
        const isStopped = state.stopped.has(name);
        const hasEnded = recorded.log.some((entry) =>
          ['SIGTERM', 'SIGINT', 'SIGQUIT'].some((signal) => entry === `${name}: ${signal} 101`),
        );
        return Promise.resolve(isStopped && hasEnded ? [] : serversOf(isStopped));
      },
      signalServers: async (pids, signal) => {
        if (signal === 'SIGCONT') state.stopped.delete(name);
        else {
          await recorded.harm(name, `${signal} ${pids.join(', ')}`);
          state.stopped.add(name);
        }
        return pids;
      },
      signal: async (target, signal) => {
        if (signal === 'SIGCONT') return void state.stopped.delete(name);
        await recorded.harm(name, `${signal} ${target}`);
        state.stopped.add(name);
      },
      start: () => Promise.resolve(void state.stopped.delete(name)),
      isRunning: () => Promise.resolve(!state.stopped.has(name)),
      state: (target) => {
        if (!state.stopped.has(name)) return Promise.resolve('running');
        const isFrozen = recorded.log.includes(`${name}: SIGSTOP ${target}`);
        return Promise.resolve(isFrozen ? 'frozen' : 'gone');
      },
    },
    host: {
      name: `host of ${name}`,
      cordon: (tag) =>
        Promise.resolve(recorded.prepared(name, `cordon of host of ${name} by ${tag}`)),
    },
    neighbours: {
      requireEvictable: () => Promise.resolve(),
      evict: () => recorded.harm(name, 'neighbours evicted').then(() => []),
    },
    volume: {
      remove: () => recorded.harm(name, 'volumes removed').then(() => []),
    },
    pod: {
      remove: () => recorded.harm(name, 'pod deleted').then(() => undefined),
      evict: () => recorded.harm(name, 'pod evicted').then(() => undefined),
    },
    power: {
      cut: async () => {
        await recorded.harm(name, 'power cut');
        state.stopped.add(name);
      },
      flush: () => Promise.resolve(),
    },
    disk: {
      fill: async (area, leaveBytes) => {
        await recorded.harm(name, `fill ${area} but for ${leaveBytes}`);
        state.stopped.add(`${area} disk of ${name}`);
      },
      free: (area) => Promise.resolve(void state.stopped.delete(`${area} disk of ${name}`)),
      look: (area) => {
        const hasBallast = state.stopped.has(`${area} disk of ${name}`);
        return Promise.resolve({ hasBallast, freeBytes: hasBallast ? 0 : 1e9 });
      },
    },
    limits: {
      look: () => {
        const isLimited = (what: string) => state.stopped.has(`${what} of ${name}`);
        return Promise.resolve({
          cores: isLimited('cpu') ? 0.2 : 4,
          memoryBytes: isLimited('memory') ? 1e8 : 8e9,
          usedBytes: 1e8,
        });
      },
      limit: async (resource, most) => {
        await recorded.harm(name, `${resource} limited to ${most}`);
        state.stopped.add(`${resource} of ${name}`);
      },
      lift: (resource) => Promise.resolve(void state.stopped.delete(`${resource} of ${name}`)),
    },
    io: {
      harm: async (area, tag, { kind }) => {
        await recorded.harm(name, `${kind} of the ${area} disk`);
        state.stopped.add(`${area} disk of ${name} by ${tag}`);
      },
      heal: (area, tag) =>
        Promise.resolve(void state.stopped.delete(`${area} disk of ${name} by ${tag}`)),
      holds: (area, tag) => Promise.resolve(state.stopped.has(`${area} disk of ${name} by ${tag}`)),
    },
    clock: {
      skew: async (byMs) => {
        await recorded.harm(name, `clock by ${byMs}`);
        state.stopped.add(`clock of ${name}`);
      },
      reset: () => Promise.resolve(void state.stopped.delete(`clock of ${name}`)),
      isSkewed: () => Promise.resolve(state.stopped.has(`clock of ${name}`)),
    },
    rewind: { hold: () => Promise.resolve(), release: () => Promise.resolve() },
    files: { dataFolder: '/data', snapshotData: () => Promise.resolve({ path: '', bytes: 0 }) },
  };
}
