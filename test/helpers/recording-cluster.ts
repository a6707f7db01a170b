import type { Cluster, Node, Rule } from '../../src/contracts/cluster.ts';
import type { FaultContext, LoadControl, Undo } from '../../src/contracts/fault.ts';
import { applyUndo } from '../../src/undo.ts';

/** What a harm or an undo left behind, by node. */
export interface RecordedState {
  readonly rules: Map<string, readonly Rule[]>;
  readonly stopped: Set<string>;
}

/**
 * A cluster of three that only remembers what was done to it, for the runner's own logic. `failOn` makes the harm
 * of one node fail before it happens.
 */
export class RecordingCluster {
  readonly log: string[] = [];
  readonly state: RecordedState = { rules: new Map(), stopped: new Set() };
  readonly cluster: Cluster;
  readonly load: LoadControl = {
    acknowledged: 0,
    hold: async () => void (await this.harm('load', 'hold'), this.state.stopped.add('load')),
    allow: (operations) => Promise.resolve(operations),
    resume: () => Promise.resolve(void this.state.stopped.delete('load')),
  };
  failOn: string | undefined;

  constructor() {
    const nodes = ['pg1', 'pg2', 'pg3'].map((name) => this.node(name));
    const switched = async (from: string, to = 'pg2') => this.harm('cluster', `${from} -> ${to}`);
    this.cluster = {
      ...{ id: 'recording', backend: 'recording', nodes, sites: [] },
      credentials: { user: 'nobody', database: 'nothing' },
      versions: { postgres: '', patroni: '', dcs: '' },
      patroni: {
        config: () => Promise.resolve({}),
        switchover: ({ from, to }) => switched(from, to),
        failover: ({ to }) => switched('pg1', to),
        restart: (node) => this.harm(node, 'restart'),
        reinitialize: (node) => this.harm(node, 'reinitialize'),
        pause: async (isPaused) => {
          if (!isPaused) return void this.state.stopped.delete('patroni');
          await this.harm('cluster', 'pause');
          this.state.stopped.add('patroni');
        },
      },
      topology: () =>
        Promise.resolve({
          ...{ leader: 'pg1', syncStandbys: [], members: [], isPaused: false },
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
      ...{ cluster, random: () => 0.5, id, signal, load: this.load },
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
    return this.state.rules.size === 0 && this.state.stopped.size === 0;
  }

  private node(name: string): Node {
    return {
      ...{ name, endpoint: { host: name, port: 5432 }, observer: { host: name, port: 5432 } },
      exec: () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' }),
      network: {
        apply: async (tag, rules) => {
          await this.harm(name, 'network rules');
          this.state.rules.set(`${name} ${tag}`, rules);
        },
        clear: (tag) => {
          this.state.rules.delete(`${name} ${tag}`);
          return Promise.resolve();
        },
      },
      process: {
        signal: async (target, signal) => {
          if (signal === 'SIGCONT') return void this.state.stopped.delete(name);
          await this.harm(name, `${signal} ${target}`);
          this.state.stopped.add(name);
        },
        start: () => Promise.resolve(void this.state.stopped.delete(name)),
      },
      files: { snapshotData: () => Promise.resolve({ path: '', bytes: 0 }) },
    };
  }

  /** Harm takes a moment, so that a failure of one node overtakes the harm of another. */
  private async harm(owner: string, what: string): Promise<string> {
    if (owner === this.failOn) throw new Error(`${owner} refuses`);
    await new Promise((resolve) => setImmediate(resolve));
    this.log.push(`${owner}: ${what}`);
    return what;
  }
}
