import type { Cluster, MemberState } from '../../contracts/cluster.ts';
import type { ConsumerControl, FaultContext, LoadControl, Undo } from '../../contracts/fault.ts';
import { applyUndo } from '../../nemesis/apply-undo.ts';
import { Recorded, type RecordedState } from './recorded.ts';
import { recordingDcs } from './recording-dcs.ts';
import { recordingNode } from './recording-node.ts';
import { recordingProxies } from './recording-proxies.ts';
import { scriptedShell } from './scripted-shell.ts';

const members: readonly MemberState[] = [
  { node: 'pg1', role: 'primary', state: 'running', timeline: 1, lsn: '0/5000000' },
  { node: 'pg2', role: 'replica', state: 'running', timeline: 1, lsn: '0/4FFFFFF' },
  { node: 'pg3', role: 'replica', state: 'running', timeline: 1, lsn: '0/5000000' },
];

/**
 * A cluster of three, unless said, that only remembers what was done to it, for the runner's own logic. `failOn` makes the harm
 * of one node fail before it happens.
 */
export class RecordingCluster {
  readonly #recorded = new Recorded();
  readonly log = this.#recorded.log;
  readonly state: RecordedState = this.#recorded.state;
  readonly cluster: Cluster;
  readonly load: LoadControl = {
    acknowledged: 0,
    batch: 1,
    hold: async () =>
      void (await this.#recorded.harm('load', 'hold'), this.state.stopped.add('load')),
    allow: (operations) => Promise.resolve(operations),
    resume: () => Promise.resolve(void this.state.stopped.delete('load')),
  };
  readonly consumers: ConsumerControl = {
    slotOf: (consumer) => `slot_of_${consumer}`,
    end: async (consumer, signal) => {
      await this.#recorded.harm(`consumer ${consumer}`, signal);
      this.state.stopped.add(`consumer ${consumer}`);
    },
    start: (consumer) => Promise.resolve(void this.state.stopped.delete(`consumer ${consumer}`)),
    freeze: async (consumer) => {
      await this.#recorded.harm(`consumer ${consumer}`, 'SIGSTOP');
      this.state.stopped.add(`frozen consumer ${consumer}`);
    },
    thaw: (consumer) =>
      Promise.resolve(void this.state.stopped.delete(`frozen consumer ${consumer}`)),
    untilDelivered: () => Promise.resolve(),
    startSecond: async (consumer) => {
      await this.#recorded.harm(`consumer ${consumer}`, 'a second process');
      this.state.stopped.add(`second consumer ${consumer}`);
    },
    endSecond: (consumer) =>
      Promise.resolve(void this.state.stopped.delete(`second consumer ${consumer}`)),
  };

  constructor(nodeCount = 3) {
    const nodes = Array.from({ length: nodeCount }, (_, at) =>
      recordingNode(`pg${at + 1}`, this.#recorded),
    );
    const sites = ['clients', 'minority'].map((name) => ({
      name,
      description: '',
      shell: scriptedShell(),
      isRemote: false,
    }));
    const switched = async (from: string, to = 'pg2') =>
      this.#recorded.harm('cluster', `${from} -> ${to}`);
    this.cluster = {
      id: 'recording',
      backend: 'recording',
      nodes,
      proxies: recordingProxies(
        nodes.map(({ name }) => name),
        { harm: (owner, what) => this.#recorded.harm(owner, what), stopped: this.state.stopped },
      ),
      sites,
      credentials: { user: 'nobody', database: 'nothing' },
      versions: { postgres: '', patroni: '', dcs: '' },
      patroni: {
        config: () => Promise.resolve({ pause: this.state.stopped.has('patroni') }),
        status: (node) =>
          Promise.resolve(
            this.state.stopped.has(`tags of ${node}`) ? { tags: { nofailover: true } } : {},
          ),
        switchover: ({ from, to }) => switched(from, to),
        failover: ({ to }) => switched('pg1', to),
        restart: (node) => this.#recorded.harm(node, 'restart'),
        reinitialize: (node) => this.#recorded.harm(node, 'reinitialize'),
        pause: async (isPaused) => {
          if (!isPaused) return void this.state.stopped.delete('patroni');
          await this.#recorded.harm('cluster', 'pause');
          this.state.stopped.add('patroni');
        },
      },
      dcs: recordingDcs(this.#recorded),
      standby: {
        nodes: ['pg1'],
        promote: async () => {
          await this.#recorded.harm('cluster', 'promote the standby cluster');
          this.state.stopped.add('standby cluster');
        },
        isPromoted: () => Promise.resolve(this.state.stopped.has('standby cluster')),
        followPromoted: () => Promise.resolve(void this.state.stopped.delete('standby cluster')),
      },
      objects: {
        takeBack: ({ path }) => Promise.resolve(void this.state.stopped.delete(path)),
        holds: ({ path }) => Promise.resolve(this.state.stopped.has(path)),
      },
      chaos: {
        prepare: ({ kind, pods: [pod = ''] }) =>
          Promise.resolve(this.#recorded.prepared(pod, kind)),
        lapse: ({ path, what }) =>
          Promise.resolve(this.state.stopped.has(path) ? undefined : `${what} is gone`),
      },
      scale: {
        to: (replicas, tag) =>
          Promise.resolve(this.#recorded.prepared('cluster', `${replicas} replicas by ${tag}`)),
      },
      sink: {
        endpoint: { host: 'sink', port: 5432 },
        observer: { host: 'sink', port: 5432 },
        credentials: { user: 'nobody', database: 'nothing' },
        consumers: { name: 'consumers', description: '', shell: scriptedShell(), isRemote: false },
        sources: [],
        kill: async () => {
          await this.#recorded.harm('sink', 'SIGKILL');
          this.state.stopped.add('sink');
        },
        start: () => Promise.resolve(void this.state.stopped.delete('sink')),
        freeze: async () => {
          await this.#recorded.harm('sink', 'SIGSTOP');
          this.state.stopped.add('frozen sink');
        },
        thaw: () => Promise.resolve(void this.state.stopped.delete('frozen sink')),
        cut: async () => {
          await this.#recorded.harm('sink', 'cut');
          this.state.stopped.add('cut sink');
        },
        mend: () => Promise.resolve(void this.state.stopped.delete('cut sink')),
        setReadOnly: async (isReadOnly) => {
          if (!isReadOnly) return void this.state.stopped.delete('read-only sink');
          await this.#recorded.harm('sink', 'read-only');
          this.state.stopped.add('read-only sink');
        },
        fill: async () => {
          await this.#recorded.harm('sink', 'full');
          this.state.stopped.add('full sink');
        },
        free: () => Promise.resolve(void this.state.stopped.delete('full sink')),
        cutSource: async () => {
          await this.#recorded.harm('sink', 'cut from its source');
          this.state.stopped.add('cut source');
        },
        mendSource: () => Promise.resolve(void this.state.stopped.delete('cut source')),
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

  set failOn(node: string | undefined) {
    this.#recorded.failOn = node;
  }

  get hasRefused(): boolean {
    return this.#recorded.hasRefused;
  }

  /** A context whose undos can be run apart from the harm, and more than once. */
  context(id: string): FaultContext & { heal(): Promise<void> } {
    const undos: Undo[] = [];
    const { cluster, load, consumers } = this;
    const { signal } = new AbortController();
    return {
      cluster,
      random: () => 0.5,
      id,
      signal,
      load,
      consumers,
      undo: (step) => {
        this.log.push('undo registered');
        undos.unshift(step);
      },
      heal: async () => {
        for (const step of undos) await applyUndo(step, { cluster, load, consumers, signal });
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
}
