import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/contracts/evidence.ts';
import type { Cluster, NetworkControl, Topology } from '../../../src/contracts/cluster.ts';
import type { Fault, LoadControl } from '../../../src/contracts/fault.ts';
import type { AwaitedState, FaultStep } from '../../../src/contracts/scenario.ts';
import { ClusterError, lacks, NotCarriedOut } from '../../../src/std/errors.ts';
import { startNemesis, type NemesisOptions } from '../../../src/nemesis/nemesis.ts';
import { monotonicMs } from '../../../src/std/wait.ts';
import { fakeCluster, topologyOf } from '../../helpers/fake-cluster.ts';

/** The log in order: events as `type id`, and the actions of the faults. */
function setUp(
  steps: readonly (Partial<FaultStep> & { readonly id: string })[],
  script: readonly Topology[] = [],
) {
  const log: string[] = [];
  const events: { readonly atMs: number; readonly event: Omit<RunEvent, 'atMs'> }[] = [];
  const interrupt = new AbortController();
  const loadStartMs = monotonicMs();
  const options: NemesisOptions = {
    cluster: undoingCluster(log, script),
    load,
    steps: steps.map((step) => ({
      fault: 'cut',
      target: 'leader',
      atMs: 0,
      params: {},
      ...step,
    })),
    faults: new Map(Object.entries(faultsOf(log))),
    seed: 1,
    loadStartMs,
    signal: interrupt.signal,
    emit: (event) => {
      events.push({ atMs: monotonicMs() - loadStartMs, event });
      if ('id' in event && event.type !== 'undo') log.push(`${event.type} ${event.id ?? ''}`);
    },
  };
  return { log, events, interrupt, nemesis: startNemesis(options) };
}

const load: LoadControl = {
  acknowledged: 0,
  batch: 1,
  hold: () => Promise.resolve(),
  resume: () => Promise.resolve(),
  allow: (operations) => Promise.resolve(operations),
};

/** Clearing rules is written to the log; rules in `stays` cannot be cleared. */
function undoingCluster(log: string[], script: readonly Topology[]): Cluster {
  const cluster = fakeCluster(...(script.length > 0 ? script : [topologyOf()]));
  const network: NetworkControl = {
    apply: () => Promise.resolve(),
    holds: () => Promise.resolve(true),
    connections: () => Promise.resolve([]),
    reset: () => Promise.resolve([]),
    clear: (tag) => {
      if (tag === 'stays') return Promise.reject(new Error('the rules would not go'));
      log.push(`undo ${tag}`);
      return Promise.resolve();
    },
  };
  return { ...cluster, nodes: cluster.nodes.map((node) => ({ ...node, network })) };
}

function faultsOf(log: string[]): Readonly<Record<string, Fault>> {
  const params = { safeParse: () => ({ success: true as const, data: {} }) };
  const fault = (inject: Fault['inject'], targets: Fault['targets'] = 'nodes'): Fault => ({
    summary: 'Does nothing.',
    needs: () => [],
    params,
    targets,
    inject,
  });
  const proven = (prove: NonNullable<Fault['prove']>): Fault => ({
    ...fault((_targets, _params, { undo, id }) => {
      undo({ do: 'clearRules', node: 'pg1', tag: id });
      return Promise.resolve(null);
    }),
    prove,
  });
  return {
    cut: fault((targets, _params, { undo, id }) => {
      undo({ do: 'clearRules', node: 'pg1', tag: id });
      log.push(`harm ${id} on ${targets.map(({ name }) => name).join(' ')}`);
      return Promise.resolve(null);
    }),
    refuses: fault((_targets, _params, { undo, id }) => {
      undo({ do: 'clearRules', node: 'pg1', tag: id });
      return Promise.reject(new Error('iptables is not there'));
    }),
    stays: fault((_targets, _params, { undo }) => {
      undo({ do: 'clearRules', node: 'pg3', tag: 'stays' });
      return Promise.resolve(null);
    }),
    asks: fault(() => Promise.reject(new NotCarriedOut('412: pg2 is tagged nofailover'))),
    shapes: fault(([node]) => lacks(node!, 'shaping')),
    whole: fault(() => Promise.resolve('done'), 'none'),
    undone: {
      ...fault(() => Promise.resolve(null)),
      lapsed: () => Promise.resolve('Patroni took it back'),
    },
    kept: { ...fault(() => Promise.resolve(null)), lapsed: () => Promise.resolve(undefined) },
    remarked: {
      ...fault(() => Promise.resolve(null)),
      remarks: () => Promise.resolve(['pg1 was demoted again']),
    },
    silent: {
      ...fault(() => Promise.resolve(null)),
      remarks: () => Promise.reject(new Error('pg1 is down')),
    },
    ...Object.fromEntries(Object.entries(proofs).map(([name, prove]) => [name, proven(prove)])),
  };
}

/** What comes of trying a fault that is in force. */
const proofs: Readonly<Record<string, NonNullable<Fault['prove']>>> = {
  isCut: () => Promise.resolve({ tried: ['pg1 to pg2: no answer'] }),
  isOpen: () => Promise.resolve({ tried: ['pg1 to pg2: open'], doubt: 'pg1 to pg2 is still open' }),
  cannotBeTried: () => Promise.reject(new Error('ssh: connection refused')),
  neverAnswers: () => new Promise(() => undefined),
};

describe('a request that is refused', () => {
  const asks = { id: 'move', fault: 'asks' } as const;
  const next = { id: 'b', after: 'move', atMs: 20 } as const;

  it('ends the run where its step does not expect it', async () => {
    const { nemesis, log } = setUp([asks, next]);
    await expect(nemesis.done).rejects.toThrow('move: injecting asks on pg1 failed: 412: pg2 is');
    expect(log).toContain('notCarriedOut move');
  });

  it('is no failure where its step expects it, and the next step follows', async () => {
    for (const expected of ['refused', 'either'] as const) {
      const { nemesis, events, log } = setUp([{ ...asks, expected }, next]);
      await nemesis.done;
      expect(log).toEqual([
        ...['inject move', 'notCarriedOut move', 'inject b', 'harm b on pg1', 'injected b'],
      ]);
      expect(events.find(({ event }) => event.type === 'inject')?.event).toMatchObject({
        expected,
      });
    }
  });
});

describe('what the cluster made of a fault', () => {
  it('is noted before its heal; a node that says nothing is no problem', async () => {
    const { nemesis, events } = setUp([
      { id: 'a', fault: 'remarked', holdMs: 20 },
      { id: 'b', fault: 'silent', holdMs: 20 },
    ]);
    await nemesis.done;
    const told = events.map(({ event }) => event).filter(({ type }) => type !== 'injected');
    const notes = told.filter(({ type }) => type === 'note' || type === 'problem');
    expect(notes).toEqual([{ type: 'note', what: 'a: pg1 was demoted again' }]);
    const at = told.findIndex(({ type }) => type === 'note');
    expect(told.slice(at).map(({ type }) => type)).toContain('healed');
  });
});

describe('the nemesis', () => {
  it('injects within 50 ms of the plan, and heals within 50 ms of the end of the hold', async () => {
    const { events, nemesis } = setUp([
      { id: 'a', atMs: 300, holdMs: 200 },
      { id: 'b', atMs: 400, target: 'replica' },
    ]);
    await nemesis.done;
    const late = (type: string, id: string, plannedMs: number) => {
      const found = events.find(
        ({ event }) => event.type === type && 'id' in event && event.id === id,
      );
      return (found?.atMs ?? NaN) - plannedMs;
    };
    for (const lateMs of [
      late('inject', 'a', 300),
      late('inject', 'b', 400),
      late('heal', 'a', 500),
    ]) {
      // A timer may fire up to a millisecond early.
      expect(lateMs).toBeGreaterThan(-1);
      expect(lateMs).toBeLessThan(50);
    }
    expect(events.find(({ event }) => event.type === 'undo')?.event).toEqual({
      type: 'undo',
      id: 'a',
      step: { do: 'clearRules', node: 'pg1', tag: 'a' },
    });
    expect(events.map(({ event }) => event).filter(({ type }) => type === 'inject')).toEqual([
      { type: 'inject', id: 'a', fault: 'cut', targets: ['pg1'], plannedAtMs: 300, effects: {} },
      {
        type: 'inject',
        id: 'b',
        fault: 'cut',
        targets: ['pg2', 'pg3'],
        plannedAtMs: 400,
        effects: {},
      },
    ]);
    await nemesis.heal();
  });

  it('heals what is still in force, newest first, and nothing twice', async () => {
    const { log, nemesis } = setUp([
      { id: 'late', atMs: 90 },
      { id: 'first', atMs: 0 },
      { id: 'short', atMs: 20, holdMs: 20 },
      { id: 'second', atMs: 50 },
    ]);
    await nemesis.done;
    log.length = 0;
    expect([await nemesis.heal(), await nemesis.heal()]).toEqual([[], []]);
    expect(log.filter((line) => line.startsWith('undo'))).toEqual([
      ...['undo late', 'undo second', 'undo first'],
    ]);
  });

  it('counts `after` from the injection of the step before, through a chain', async () => {
    const { events, nemesis } = setUp([
      { id: 'c', after: 'b', atMs: 100 },
      { id: 'b', after: 'a', atMs: 150 },
      { id: 'a', atMs: 100, holdMs: 10 },
    ]);
    await nemesis.done;
    const at = new Map(
      events.flatMap(({ atMs, event }) =>
        event.type === 'inject' && 'id' in event ? [[event.id, atMs] as const] : [],
      ),
    );
    const gaps = [at.get('b')! - at.get('a')!, at.get('c')! - at.get('b')!];
    for (const [index, gapMs] of gaps.entries()) {
      expect(gapMs).toBeGreaterThan([149, 99][index]!);
      expect(gapMs).toBeLessThan([200, 150][index]!);
    }
  });

  it('a failed injection is reported with its step and nodes, and everything in force is healed', async () => {
    const { log, nemesis } = setUp([
      { id: 'cut#1', atMs: 0 },
      { id: 'bad#1', fault: 'refuses', target: 'all', atMs: 30 },
      { id: 'never', after: 'bad#1', atMs: 0 },
    ]);
    await expect(nemesis.done).rejects.toThrow(
      'bad#1: injecting refuses on pg1, pg2, pg3 failed: iptables is not there',
    );
    expect(await nemesis.heal()).toEqual([]);
    expect(log).toEqual([
      ...['inject cut#1', 'harm cut#1 on pg1', 'injected cut#1', 'inject bad#1'],
      ...['heal bad#1', 'undo bad#1', 'healed bad#1', 'heal cut#1', 'undo cut#1', 'healed cut#1'],
    ]);
  });

  it('a capability that turns out to be missing is a ClusterError that names the node', async () => {
    const { log, nemesis } = setUp([
      { id: 'cut#1', atMs: 0 },
      { id: 'slow#1', fault: 'shapes', atMs: 30 },
    ]);
    const failure = await nemesis.done.catch((error: unknown) => error);
    expect(failure).toEqual(
      new ClusterError(
        'slow#1: injecting shapes on pg1 failed: pg1: this backend gives no control over its shaping',
      ),
    );
    await nemesis.heal();
    expect(log.slice(-3)).toEqual(['heal cut#1', 'undo cut#1', 'healed cut#1']);
  });

  it('a target that no node matches fails the step before the fault acts, with the role of every node', async () => {
    const { log, nemesis } = setUp([{ id: 'cut#1', target: 'sync-standby' }]);
    await expect(nemesis.done).rejects.toThrow(
      'cut#1: no node is sync-standby now: leader pg1, pg1 primary (running)',
    );
    expect([await nemesis.heal(), log]).toEqual([[], []]);
  });

  it('a failed heal is reported once, does not count as healed, and does not keep others in force', async () => {
    const { log, nemesis } = setUp([
      { id: 'cut#1', atMs: 0 },
      { id: 'stays#1', fault: 'stays', atMs: 30 },
    ]);
    await nemesis.done;
    expect(await nemesis.heal()).toEqual(['stays#1: healing failed: the rules would not go']);
    expect(await nemesis.heal()).toEqual([]);
    expect(log.slice(-4)).toEqual(['heal stays#1', 'heal cut#1', 'undo cut#1', 'healed cut#1']);
  });

  it('a heal that fails at the end of its `for` is reported when all is healed', async () => {
    const { nemesis } = setUp([{ id: 'stays#1', fault: 'stays', atMs: 0, holdMs: 10 }]);
    await nemesis.done;
    expect(await nemesis.heal()).toEqual(['stays#1: healing failed: the rules would not go']);
  });

  it('interrupted in the middle of a hold, it heals at once', async () => {
    const { log, interrupt, nemesis } = setUp([
      { id: 'cut#1', atMs: 0, holdMs: 60_000 },
      { id: 'cut#2', atMs: 50_000 },
    ]);
    await sleep(80);
    interrupt.abort(new Error('Ctrl-C'));
    const startedMs = monotonicMs();
    await expect(nemesis.done).rejects.toThrow('Ctrl-C');
    expect(await nemesis.heal()).toEqual([]);
    expect(monotonicMs() - startedMs).toBeLessThan(100);
    expect(log).toEqual([
      ...['inject cut#1', 'harm cut#1 on pg1', 'injected cut#1'],
      ...['heal cut#1', 'undo cut#1', 'healed cut#1'],
    ]);
  });

  it('cancels the remaining steps when it heals, and when it is disposed', async () => {
    const { log, nemesis } = setUp([
      { id: 'cut#1', atMs: 0 },
      { id: 'cut#2', atMs: 150 },
    ]);
    await sleep(50);
    await nemesis[Symbol.asyncDispose]();
    await sleep(200);
    expect(log.at(-1)).toBe('healed cut#1');
    await expect(nemesis.done).rejects.toThrow('the nemesis was stopped');
  });

  it('gives a fault of the whole cluster no targets, and records its detail', async () => {
    const { events, nemesis } = setUp([{ id: 'whole#1', fault: 'whole', atMs: 0 }]);
    await nemesis.done;
    expect(events.map(({ event }) => event)).toEqual([
      { type: 'inject', id: 'whole#1', fault: 'whole', targets: [], plannedAtMs: 0, effects: {} },
      { type: 'injected', id: 'whole#1', detail: 'done' },
    ]);
  });
});

describe('a fault that is tried while it is in force', () => {
  const problemsOf = ({ events }: ReturnType<typeof setUp>) =>
    events.flatMap(({ event }) =>
      event.type === 'problem' && 'what' in event ? [String(event.what)] : [],
    );

  it.each([
    ['isCut', []],
    ['isOpen', ['a: pg1 to pg2 is still open']],
    ['cannotBeTried', ['a: unknown whether it was in force: ssh: connection refused']],
  ])('%s: has these problems, and is healed', async (fault, problems) => {
    const run = setUp([{ id: 'a', fault, holdMs: 20 }]);
    await run.nemesis.done;
    await run.nemesis.heal();
    expect(problemsOf(run)).toEqual(problems);
    expect(run.log.filter((line) => /^(proof|undo|healed)/.test(line))).toEqual([
      'proof a',
      'undo a',
      'healed a',
    ]);
  });

  it('is healed at once after an interruption, however long the trial takes', async () => {
    const { interrupt, log, nemesis } = setUp([{ id: 'a', fault: 'neverAnswers', holdMs: 60_000 }]);
    while (!log.includes('injected a')) await sleep(5);
    interrupt.abort();
    await nemesis.done.catch(() => undefined);
    await nemesis.heal();
    expect(log.slice(-3)).toEqual(['heal a', 'undo a', 'healed a']);
  });
});

describe('a step that waits', () => {
  const within = (limitMs: number, state: AwaitedState = { is: 'failover' }) => ({
    state,
    limitMs,
  });
  const promoted = topologyOf({
    leader: 'pg2',
    members: { pg1: { role: 'down' }, pg2: { role: 'primary', timeline: 2 } },
  });
  const usual = topologyOf();

  it('is injected when its state is reached, and records what it waited for', async () => {
    const script = [usual, usual, usual, promoted];
    const { events, nemesis } = setUp([{ id: 'cut#1', atMs: 20, when: within(3_000) }], script);
    await nemesis.done;
    expect(events.map(({ event }) => event).slice(0, 3)).toEqual([
      { type: 'wait', id: 'cut#1', wait: 'when', state: 'failover' },
      { type: 'waited', id: 'cut#1', wait: 'when' },
      { type: 'inject', id: 'cut#1', fault: 'cut', targets: ['pg2'], plannedAtMs: 20, effects: {} },
    ]);
    await nemesis.heal();
  });

  it('counts a failover from the injection of the step it follows', async () => {
    const script = [usual, usual, usual, promoted];
    const steps = [
      { id: 'kill', atMs: 0 },
      { id: 'then', after: 'kill', when: within(3_000) },
    ];
    const { log, nemesis } = setUp(steps, script);
    await nemesis.done;
    await nemesis.heal();
    expect(log.filter((line) => line.startsWith('harm'))).toEqual([
      ...['harm kill on pg1', 'harm then on pg2'],
    ]);
  });

  it('stays in force until its state is reached, and is healed then', async () => {
    const script = [usual, usual, usual, promoted];
    const { log, nemesis } = setUp([{ id: 'cut#1', until: within(3_000) }], script);
    await nemesis.done;
    expect(log.slice(-4)).toEqual([
      ...['waited cut#1', 'heal cut#1', 'undo cut#1', 'healed cut#1'],
    ]);
    expect(await nemesis.heal()).toEqual([]);
  });

  it('whose state is not reached within its limit fails, with what was missing, and all is healed', async () => {
    const { log, nemesis } = setUp([
      { id: 'cut#1', atMs: 0 },
      { id: 'late', after: 'cut#1', when: within(200) },
      { id: 'never', after: 'late' },
    ]);
    await expect(nemesis.done).rejects.toThrow(
      'late: gave up after 0.2 s waiting for: failover: ' +
        'no other node than pg1 is primary on a timeline above 1',
    );
    expect(await nemesis.heal()).toEqual([]);
    expect(log.slice(-3)).toEqual(['heal cut#1', 'undo cut#1', 'healed cut#1']);
  });

  it('whose `until` is not reached within its limit fails as well', async () => {
    const { log, nemesis } = setUp([{ id: 'cut#1', until: within(200, { is: 'noLeader' }) }]);
    await expect(nemesis.done).rejects.toThrow(
      'cut#1: gave up after 0.2 s waiting for: no leader: pg1 is leader',
    );
    await nemesis.heal();
    expect(log.at(-1)).toBe('healed cut#1');
  });

  it('that is still waiting when the load ends is reported, injected or not, and so are the steps after it', async () => {
    const { nemesis } = setUp([
      { id: 'held', until: within(9_000) },
      { id: 'late', when: within(9_000) },
      { id: 'never', after: 'late' },
    ]);
    await sleep(150);
    expect(await nemesis.heal()).toEqual([
      'held: the load ended while it waited for: failover',
      'late: never injected: the load ended while it waited for: failover',
      'never: never injected: the load ended while it waited for: the injection of late',
    ]);
  });

  it('gives a later step the targets of an earlier one, whichever node leads by then', async () => {
    const steps = [
      { id: 'cut', atMs: 0 },
      { id: 'same', after: 'cut', target: 'targets of cut' },
      { id: 'others', after: 'cut', target: 'not targets of cut' },
    ];
    const { log, nemesis } = setUp(steps, [usual, promoted]);
    await nemesis.done;
    await nemesis.heal();
    expect(log.filter((line) => line.startsWith('harm')).toSorted()).toEqual([
      ...['harm cut on pg1', 'harm others on pg2 pg3', 'harm same on pg1'],
    ]);
  });

  it('cannot have the targets of a step that has not begun', async () => {
    const { nemesis } = setUp([
      { id: 'cut', atMs: 5_000 },
      { id: 'early', atMs: 0, target: 'targets of cut' },
    ]);
    await expect(nemesis.done).rejects.toThrow('early: cut has not been injected yet');
    await nemesis.heal();
  });
});

it('a fault undone from outside before its heal is a problem that names the time and the cause', async () => {
  const steps = ['undone', 'kept'].map((fault) => ({ id: fault, fault, holdMs: 100 }));
  const { nemesis, events } = setUp(steps);
  await nemesis.done;
  const problems = events.filter(({ event }) => event.type === 'problem');
  expect(problems.map(({ event }) => event)).toEqual([
    {
      type: 'problem',
      id: 'undone',
      what: expect.stringMatching(
        /^undone: in force until \d\.\d s and gone at \d\.\d s, before it was healed: Patroni took it back$/,
      ) as string,
    },
  ]);
});
