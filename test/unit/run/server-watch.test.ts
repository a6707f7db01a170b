import { describe, expect, it } from 'vitest';
import type { MemberState } from '../../../src/contracts/cluster.ts';
import type { Fault, FaultEffects } from '../../../src/contracts/fault.ts';
import type { FaultStep } from '../../../src/contracts/scenario.ts';
import type { NewEvent } from '../../../src/evidence/events/event-log.ts';
import { Explained } from '../../../src/run/explained.ts';
import { ServerWatch } from '../../../src/run/server-watch.ts';
import { fakeNode, topologyOf } from '../../helpers/fake-cluster.ts';

type Members = Readonly<Record<string, Partial<MemberState>>>;

const first = { startedAt: '100.5', processesSince: '100.6' };
const again = { startedAt: '200.5', processesSince: '200.6' };
const everywhere: Members = { pg1: first, pg2: first, pg3: first };
const down = { role: 'down' as const };

/** A watch over three nodes, which polls every 200 ms. */
class Watched {
  readonly events: NewEvent[] = [];
  /** State of the PostgreSQL processes on each node; undefined: cannot be seen. */
  isRunning: boolean | undefined = true;
  readonly #explained: Explained;
  readonly #watch: ServerWatch;
  #nowMs = 0;

  readonly #effects: FaultEffects;

  constructor(effects: FaultEffects = {}, become: 'alive' | 'dead' = 'dead') {
    this.#effects = effects;
    const fault = { processes: () => ({ of: 'postgres', become }) } as unknown as Fault;
    const step = { id: 'harm#1', fault: 'harm', params: {} } as FaultStep;
    this.#explained = new Explained(new Map([['harm', fault]]), [step]);
    const isRunning = () =>
      this.isRunning === undefined
        ? Promise.reject(new Error('no way in'))
        : Promise.resolve(this.isRunning);
    const nodes = ['pg1', 'pg2', 'pg3'].map((name) => {
      const process = {
        isRunning,
        state: () => Promise.reject(new Error('not asked')),
        signal: () => Promise.resolve(),
        servers: () => Promise.reject(new Error('not asked')),
        signalServers: () => Promise.reject(new Error('not asked')),
        start: () => Promise.resolve(),
      };
      return { ...fakeNode(name), process };
    });
    this.#watch = new ServerWatch(nodes, this.#explained, (event) => this.events.push(event));
    this.look();
  }

  /** Polls for this long servers that run since `first`, except for the given values. */
  look(members: Members = {}, forMs = 200, leader = 'pg1'): void {
    const said = Object.fromEntries(
      Object.entries(everywhere).map(([node, each]) => [node, { ...each, ...members[node] }]),
    );
    for (let ms = 0; ms < forMs; ms += 200) {
      this.#nowMs += 200;
      this.#watch.looked(topologyOf({ leader, members: said }), this.#nowMs);
    }
  }

  note(...events: readonly NewEvent[]): void {
    const effects = this.#effects;
    for (const event of events)
      this.#explained.note(event.type === 'inject' ? { ...event, effects } : event);
  }

  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  end(): Promise<void> {
    return this.#watch.end();
  }
}

const inject = (...targets: readonly string[]): NewEvent => ({
  type: 'inject',
  id: 'harm#1',
  fault: 'harm',
  targets,
  plannedAtMs: 0,
});
const undo: NewEvent = {
  type: 'undo',
  id: 'harm#1',
  step: { do: 'start', node: 'pg1', target: 'postgres' },
};
const injected: NewEvent = { type: 'injected', id: 'harm#1', detail: null };
const healed: NewEvent = { type: 'healed', id: 'harm#1' };
const longAgoMs = 25_000;

describe('a server that restarts', () => {
  it('is unplanned if no step was injected', () => {
    const watched = new Watched();
    watched.look({ pg1: down }, 600);
    watched.look({ pg1: again });
    expect(watched.events).toEqual([
      { type: 'unplanned', node: 'pg1', what: 'started', agoMs: 800 },
    ]);
  });

  it('only with its child processes, as after a crash of one, is unplanned too', () => {
    const watched = new Watched();
    watched.look({ pg2: { processesSince: '150' } });
    expect(watched.events).toMatchObject([{ node: 'pg2', what: 'crashed' }]);
  });

  it('is not inferred from a checkpointer that is unseen for a moment', () => {
    const watched = new Watched();
    watched.look({ pg1: { processesSince: undefined } as unknown as MemberState });
    watched.look();
    expect(watched.events).toEqual([]);
  });

  it('is explained by a fault that is in force', () => {
    const watched = new Watched({ servers: 'targets' });
    watched.note(inject('pg2'), undo, injected);
    watched.look({ pg2: again }, longAgoMs);
    expect(watched.events).toEqual([]);
  });

  it('is unplanned if the fault in force has other targets and the leader stays', () => {
    const watched = new Watched({ servers: 'targets' });
    watched.note(inject('pg2'), undo, injected);
    watched.look({ pg3: again });
    expect(watched.events).toMatchObject([{ node: 'pg3', what: 'started' }]);
  });

  it('is explained on every node once a different node leads than before the fault', () => {
    const watched = new Watched({ servers: 'targets' });
    watched.note(inject('pg1'), undo, injected);
    watched.look({}, 200, 'pg2');
    watched.look({ pg3: again }, 200, 'pg2');
    expect(watched.events).toEqual([]);
  });

  it('is explained on the leader, although it was no target of the fault', () => {
    const watched = new Watched({ servers: 'targets' });
    watched.note(inject('pg2'), undo, injected);
    watched.look({ pg1: again });
    expect(watched.events).toEqual([]);
  });

  it('is explained on every node by a fault that declares nothing', () => {
    const watched = new Watched();
    watched.note(inject('pg2'), undo, injected);
    watched.look({ pg3: again });
    expect(watched.events).toEqual([]);
  });

  it('is unplanned during a fault that declares that no server ends by it', () => {
    const watched = new Watched({ servers: 'none' });
    watched.note(inject(), undo, injected);
    watched.look({ pg3: again });
    expect(watched.events).toMatchObject([{ node: 'pg3' }]);
  });

  it('is explained until the cluster has been whole for a while after the heal', () => {
    const watched = new Watched({ servers: 'targets' });
    watched.note(inject('pg2'), undo, injected);
    watched.look({ pg2: down }, longAgoMs);
    watched.note(healed);
    watched.look({ pg2: { ...first, isStreaming: false } }, longAgoMs);
    watched.look({ pg2: again }, longAgoMs);
    watched.look({ pg2: { ...again, isStreaming: false } }, 1_000);
    expect(watched.events).toEqual([]);
    watched.look({ pg2: { startedAt: '300' } });
    expect(watched.events).toMatchObject([{ node: 'pg2', what: 'started' }]);
  });

  it('is unplanned long after a step that leaves nothing to heal, even if it is healed later', () => {
    const watched = new Watched({ servers: 'targets' }, 'alive');
    watched.note(inject('pg2'), undo, injected);
    watched.look({ pg2: again }, longAgoMs);
    watched.look({ pg2: { startedAt: '300' } });
    expect(watched.events).toMatchObject([{ node: 'pg2', what: 'started' }]);
  });

  it('by Patroni after an unplanned end does not count again', () => {
    const watched = new Watched();
    watched.look({ pg2: again });
    watched.look({ pg2: down }, 1_000);
    watched.look({ pg2: { startedAt: '300' } });
    expect(watched.events).toHaveLength(1);
  });
});

describe('a server that gives no answer', () => {
  it('has ended when its processes are gone, and its next start belongs to this end', async () => {
    const watched = new Watched();
    watched.isRunning = false;
    watched.look({ pg1: down }, 1_200);
    await watched.settle();
    watched.look({ pg1: down }, 1_200);
    await watched.settle();
    watched.look({ pg1: again });
    expect(watched.events).toMatchObject([
      { node: 'pg1', what: 'ended', agoMs: 1_000 },
      { node: 'pg1', what: 'started' },
    ]);
  });

  it('has not ended while its processes run', async () => {
    const watched = new Watched();
    watched.look({ pg1: down }, 5_000);
    await watched.settle();
    await watched.end();
    expect(watched.events).toEqual([]);
  });

  it('until the end is unknown if its processes cannot be seen', async () => {
    const watched = new Watched();
    watched.isRunning = undefined;
    watched.look({ pg1: down }, 5_000);
    await watched.settle();
    expect(watched.events).toEqual([]);
    await watched.end();
    expect(watched.events).toMatchObject([{ node: 'pg1', what: 'unknown' }]);
  });

  it('is explained by a fault in force', async () => {
    const watched = new Watched({ servers: 'targets' });
    watched.note(inject('pg1'), undo, injected);
    watched.isRunning = false;
    watched.look({ pg1: down }, 5_000);
    await watched.settle();
    await watched.end();
    expect(watched.events).toEqual([]);
  });
});
