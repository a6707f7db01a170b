import type {
  Cluster,
  MemberState,
  Node,
  PreparedChange,
  Rule,
  ServerProcess,
} from '../../contracts/cluster.ts';
import type { FaultContext, LoadControl, Undo } from '../../contracts/fault.ts';
import { applyUndo } from '../../nemesis/apply-undo.ts';
import { scriptedShell } from './scripted-shell.ts';
import { recordingProxies } from './recording-proxies.ts';
import { recordingSql } from './recording-sql.ts';

const members: readonly MemberState[] = [
  { node: 'pg1', role: 'primary', state: 'running', timeline: 1, lsn: '0/5000000' },
  { node: 'pg2', role: 'replica', state: 'running', timeline: 1, lsn: '0/4FFFFFF' },
  { node: 'pg3', role: 'replica', state: 'running', timeline: 1, lsn: '0/5000000' },
];

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

/** What a harm or an undo left behind, by node. */
export interface RecordedState {
  readonly rules: Map<string, readonly Rule[]>;
  readonly stopped: Set<string>;
}

/**
 * A cluster of three, unless said, that only remembers what was done to it, for the runner's own logic. `failOn` makes the harm
 * of one node fail before it happens.
 */
export class RecordingCluster {
  readonly log: string[] = [];
  readonly state: RecordedState = { rules: new Map(), stopped: new Set() };
  readonly cluster: Cluster;
  readonly load: LoadControl = {
    acknowledged: 0,
    batch: 1,
    hold: async () => void (await this.#harm('load', 'hold'), this.state.stopped.add('load')),
    allow: (operations) => Promise.resolve(operations),
    resume: () => Promise.resolve(void this.state.stopped.delete('load')),
  };
  failOn: string | undefined;
  hasRefused = false;

  constructor(nodeCount = 3) {
    const nodes = Array.from({ length: nodeCount }, (_, at) => this.#node(`pg${at + 1}`));
    const sites = ['clients', 'minority'].map((name) => ({
      name,
      description: '',
      shell: scriptedShell(),
      isRemote: false,
    }));
    const switched = async (from: string, to = 'pg2') => this.#harm('cluster', `${from} -> ${to}`);
    this.cluster = {
      id: 'recording',
      backend: 'recording',
      nodes,
      proxies: recordingProxies(
        nodes.map(({ name }) => name),
        { harm: (owner, what) => this.#harm(owner, what), stopped: this.state.stopped },
      ),
      sites,
      credentials: { user: 'nobody', database: 'nothing' },
      versions: { postgres: '', patroni: '', dcs: '' },
      patroni: {
        config: () => Promise.resolve({ pause: this.state.stopped.has('patroni') }),
        switchover: ({ from, to }) => switched(from, to),
        failover: ({ to }) => switched('pg1', to),
        restart: (node) => this.#harm(node, 'restart'),
        reinitialize: (node) => this.#harm(node, 'reinitialize'),
        pause: async (isPaused) => {
          if (!isPaused) return void this.state.stopped.delete('patroni');
          await this.#harm('cluster', 'pause');
          this.state.stopped.add('patroni');
        },
      },
      dcs: {
        members: ['pg1', 'pg2', 'pg3'],
        signal: async (member, signal) => {
          if (signal === 'SIGCONT') return void this.state.stopped.delete(`dcs of ${member}`);
          await this.#harm(member, `${signal} dcs`);
          this.state.stopped.add(`dcs of ${member}`);
        },
        start: (member) => Promise.resolve(void this.state.stopped.delete(`dcs of ${member}`)),
        state: (member) => {
          if (!this.state.stopped.has(`dcs of ${member}`)) return Promise.resolve('running');
          const isFrozen = this.log.includes(`${member}: SIGSTOP dcs`);
          return Promise.resolve(isFrozen ? 'frozen' : 'gone');
        },
        leader: () => Promise.resolve('pg1'),
        memberOf: (node) => Promise.resolve(node),
        slow: async (member) => {
          await this.#harm(member, 'slow dcs');
          this.state.stopped.add(`speed of ${member}`);
        },
        hasten: (member) => Promise.resolve(void this.state.stopped.delete(`speed of ${member}`)),
        isSlow: (member) => Promise.resolve(this.state.stopped.has(`speed of ${member}`)),
        loseData: async () => {
          await this.#harm('cluster', 'lose dcs data');
        },
        restoreData: () => Promise.resolve(),
        noSpace: async (isRaised) => {
          if (!isRaised) return void this.state.stopped.delete('dcs space');
          await this.#harm('cluster', 'no space in dcs');
          this.state.stopped.add('dcs space');
        },
        hasNoSpace: () => Promise.resolve(this.state.stopped.has('dcs space')),
        compact: async () => {
          await this.#harm('cluster', 'compact dcs');
          return '1';
        },
      },
      objects: {
        takeBack: ({ path }) => Promise.resolve(void this.state.stopped.delete(path)),
        holds: ({ path }) => Promise.resolve(this.state.stopped.has(path)),
      },
      chaos: {
        prepare: ({ kind, pods: [pod = ''] }) => Promise.resolve(this.#prepared(pod, kind)),
        lapse: ({ path, what }) =>
          Promise.resolve(this.state.stopped.has(path) ? undefined : `${what} is gone`),
      },
      scale: {
        to: (replicas, tag) =>
          Promise.resolve(this.#prepared('cluster', `${replicas} replicas by ${tag}`)),
      },
      topology: () =>
        Promise.resolve({
          leader: 'pg1',
          syncStandbys: [],
          members,
          isPaused: false,
        }),
      collectLogs: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** A context whose undos can be run apart from the harm, and more than once. */
  context(id: string): FaultContext & { heal(): Promise<void> } {
    const undos: Undo[] = [];
    const { cluster } = this;
    const { signal } = new AbortController();
    return {
      cluster,
      random: () => 0.5,
      id,
      signal,
      load: this.load,
      undo: (step) => {
        this.log.push('undo registered');
        undos.unshift(step);
      },
      heal: async () => {
        for (const step of undos) await applyUndo(step, { cluster, load: this.load, signal });
      },
    };
  }

  isWhole(): boolean {
    return this.leftOver().length === 0;
  }

  /** What is in force, in words. */
  leftOver(): readonly string[] {
    return [...[...this.state.rules.keys()].map((key) => `rules of ${key}`), ...this.state.stopped];
  }

  #node(name: string): Node {
    return {
      name,
      endpoint: { host: name, port: 5432 },
      observer: { host: name, port: 5432 },
      shell: scriptedShell(async (argv) => {
        const [command = ''] = withoutContext(argv);
        if (command === 'heal') this.state.stopped.delete(`whatever of ${name}`);
        if (command === 'harm') {
          await this.#harm(name, 'exec');
          this.state.stopped.add(`whatever of ${name}`);
        }
        const isHarmed = this.state.stopped.has(`whatever of ${name}`);
        return { exitCode: command === 'look' && !isHarmed ? 1 : 0 };
      }),
      sql: recordingSql(name, {
        harm: (what) => this.#harm(name, what),
        stopped: this.state.stopped,
      }),
      network: {
        apply: async (tag, rules) => {
          await this.#harm(name, 'network rules');
          this.state.rules.set(`${name} ${tag}`, rules);
        },
        clear: (tag) => {
          this.state.rules.delete(`${name} ${tag}`);
          return Promise.resolve();
        },
        reset: async (connections) => {
          await this.#harm(name, `reset ${connections.length}`);
          return connections;
        },
        connections: () =>
          Promise.resolve([
            { localAddress: name, localPort: 5432, remoteAddress: '10.0.0.9', remotePort: 40001 },
            { localAddress: name, localPort: 5432, remoteAddress: '10.0.0.9', remotePort: 40002 },
          ]),
        holds: (tag) => Promise.resolve(this.state.rules.has(`${name} ${tag}`)),
      },
      shaping: {
        shape: async (tag, shape) => {
          await this.#harm(name, `shape ${JSON.stringify(shape)}`);
          this.state.stopped.add(`${name} shaped by ${tag}`);
          return 'tbf';
        },
        unshape: (tag) =>
          Promise.resolve(void this.state.stopped.delete(`${name} shaped by ${tag}`)),
        holds: (tag) => Promise.resolve(this.state.stopped.has(`${name} shaped by ${tag}`)),
      },
      process: {
        servers: () => {
          const isStopped = this.state.stopped.has(name);
          const hasEnded = this.log.some((entry) =>
            ['SIGTERM', 'SIGINT', 'SIGQUIT'].some((signal) => entry === `${name}: ${signal} 101`),
          );
          return Promise.resolve(isStopped && hasEnded ? [] : serversOf(isStopped));
        },
        signalServers: async (pids, signal) => {
          if (signal === 'SIGCONT') this.state.stopped.delete(name);
          else {
            await this.#harm(name, `${signal} ${pids.join(', ')}`);
            this.state.stopped.add(name);
          }
          return pids;
        },
        signal: async (target, signal) => {
          if (signal === 'SIGCONT') return void this.state.stopped.delete(name);
          await this.#harm(name, `${signal} ${target}`);
          this.state.stopped.add(name);
        },
        start: () => Promise.resolve(void this.state.stopped.delete(name)),
        isRunning: () => Promise.resolve(!this.state.stopped.has(name)),
        state: (target) => {
          if (!this.state.stopped.has(name)) return Promise.resolve('running');
          const isFrozen = this.log.includes(`${name}: SIGSTOP ${target}`);
          return Promise.resolve(isFrozen ? 'frozen' : 'gone');
        },
      },
      host: {
        name: `host of ${name}`,
        cordon: (tag) =>
          Promise.resolve(this.#prepared(name, `cordon of host of ${name} by ${tag}`)),
      },
      neighbours: {
        evict: () => this.#harm(name, 'neighbours evicted').then(() => []),
      },
      volume: {
        remove: () => this.#harm(name, 'volumes removed').then(() => []),
      },
      pod: {
        remove: () => this.#harm(name, 'pod deleted').then(() => undefined),
        evict: () => this.#harm(name, 'pod evicted').then(() => undefined),
      },
      power: {
        cut: async () => {
          await this.#harm(name, 'power cut');
          this.state.stopped.add(name);
        },
        flush: () => Promise.resolve(),
      },
      disk: {
        fill: async (area, leaveBytes) => {
          await this.#harm(name, `fill ${area} but for ${leaveBytes}`);
          this.state.stopped.add(`${area} disk of ${name}`);
        },
        free: (area) => Promise.resolve(void this.state.stopped.delete(`${area} disk of ${name}`)),
        look: (area) => {
          const hasBallast = this.state.stopped.has(`${area} disk of ${name}`);
          return Promise.resolve({ hasBallast, freeBytes: hasBallast ? 0 : 1e9 });
        },
      },
      limits: {
        look: () => {
          const isLimited = (what: string) => this.state.stopped.has(`${what} of ${name}`);
          return Promise.resolve({
            cores: isLimited('cpu') ? 0.2 : 4,
            memoryBytes: isLimited('memory') ? 1e8 : 8e9,
            usedBytes: 1e8,
          });
        },
        limit: async (resource, most) => {
          await this.#harm(name, `${resource} limited to ${most}`);
          this.state.stopped.add(`${resource} of ${name}`);
        },
        lift: (resource) =>
          Promise.resolve(void this.state.stopped.delete(`${resource} of ${name}`)),
      },
      io: {
        harm: async (area, tag, { kind }) => {
          await this.#harm(name, `${kind} of the ${area} disk`);
          this.state.stopped.add(`${area} disk of ${name} by ${tag}`);
        },
        heal: (area, tag) =>
          Promise.resolve(void this.state.stopped.delete(`${area} disk of ${name} by ${tag}`)),
        holds: (area, tag) =>
          Promise.resolve(this.state.stopped.has(`${area} disk of ${name} by ${tag}`)),
      },
      clock: {
        skew: async (byMs) => {
          await this.#harm(name, `clock by ${byMs}`);
          this.state.stopped.add(`clock of ${name}`);
        },
        reset: () => Promise.resolve(void this.state.stopped.delete(`clock of ${name}`)),
        isSkewed: () => Promise.resolve(this.state.stopped.has(`clock of ${name}`)),
      },
      files: { snapshotData: () => Promise.resolve({ path: '', bytes: 0 }) },
    };
  }

  #prepared(owner: string, what: string): PreparedChange {
    return {
      change: { what, path: `/${what}` },
      make: async () => {
        await this.#harm(owner, what);
        this.state.stopped.add(`/${what}`);
      },
    };
  }

  /** Harm takes a moment, so that a failure of one node overtakes the harm of another. */
  async #harm(owner: string, what: string): Promise<string> {
    if (owner === this.failOn) {
      this.hasRefused = true;
      throw new Error(`${owner} refuses`);
    }
    await new Promise((resolve) => setImmediate(resolve));
    this.log.push(`${owner}: ${what}`);
    return what;
  }
}
