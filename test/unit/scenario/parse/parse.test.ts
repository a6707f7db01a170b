import { describe, expect, test } from 'vitest';
import type { Scenario } from '../../../../src/contracts/scenario.ts';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { scenarioRegistry as registry, scenarioText } from '../../../helpers/scenario-registry.ts';

function parse(text: string, set: readonly string[] = []) {
  const scenario = parseScenario(text, { file: 'x.yaml', registry, set });
  return Object.fromEntries(
    Object.entries(scenario).filter(([key]) => key !== 'positions'),
  ) as unknown as Scenario;
}

function messagesOf(text: string, set: readonly string[] = []): string[] {
  try {
    parse(text, set);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('a scenario file', () => {
  test('has every key read, with its unit resolved', () => {
    const text = `
name: everything
claim: All keys at once.
backend: local
cluster:
  nodes: 5
  topology: patroni
  patroni: { ttl: 30, loop_wait: 5, failsafe_mode: true }
  synchronous: strict
  parameters: { fsync: off, work_mem: 4MB, max_connections: 50, jit: false }
  converge: 2m
load:
  workload: ledger
  clients: 32
  rate: 30/min
  duration: 1m
  mix: { insert: 60, update: 30, delete: 10 }
  batch: 10
  payload: 1kB
  deadline: 750ms
  site: minority
  workers: 2
  tables: 3
faults:
  - { at: 10s, fault: cut, target: leader, from: peers, for: 5s }
  - { after: cut#1 + 1.5s, fault: cut, target: not pg1, id: second, warmup: 1s }
  - { after: second, fault: handover }
expect: { lost: ">= 1", outage: < 15s, replicas: agree }
verify: { content: false, amcheck: true }
`;
    expect(parse(text)).toEqual({
      name: 'everything',
      claim: 'All keys at once.',
      backend: 'local',
      file: 'x.yaml',
      cluster: {
        nodes: 5,
        topology: 'patroni',
        patroni: { ttl: 30, loop_wait: 5, failsafe_mode: true },
        synchronous: 'strict',
        parameters: { fsync: 'off', work_mem: '4MB', max_connections: '50', jit: 'off' },
        convergeMs: 120_000,
      },
      load: {
        workload: 'ledger',
        clients: 32,
        ratePerSecond: 0.5,
        durationMs: 60_000,
        mix: { insert: 0.6, update: 0.3, delete: 0.1 },
        batch: 10,
        payloadBytes: 1024,
        deadlineMs: 750,
        site: 'minority',
        workers: 2,
        params: { tables: 3 },
      },
      faults: [
        {
          id: 'cut#1',
          fault: 'cut',
          target: 'leader',
          atMs: 10_000,
          holdMs: 5000,
          params: { from: 'peers', warmup: 0 },
          line: 25,
          column: 5,
        },
        {
          id: 'second',
          fault: 'cut',
          target: 'not pg1',
          atMs: 1500,
          after: 'cut#1',
          params: { from: 'all', warmup: 1000 },
          line: 26,
          column: 5,
        },
        {
          id: 'handover#1',
          fault: 'handover',
          target: 'none',
          atMs: 0,
          after: 'second',
          params: {},
          line: 27,
          column: 5,
        },
      ],
      expect: {
        lost: { kind: 'count', op: '>=', value: 1 },
        outage: { kind: 'duration', op: '<', value: 15_000 },
        replicas: 'agree',
      },
      verify: { content: false, amcheck: true },
    });
  });

  test('has the documented default for every missing key', () => {
    expect(parse('name: x\nclaim: It holds.\nload: { duration: 30s }\n')).toEqual({
      name: 'x',
      claim: 'It holds.',
      file: 'x.yaml',
      cluster: {
        nodes: 3,
        topology: 'patroni',
        patroni: {},
        synchronous: 'off',
        parameters: {},
        convergeMs: 60_000,
      },
      load: {
        workload: 'ledger',
        clients: 16,
        durationMs: 30_000,
        batch: 1,
        payloadBytes: 256,
        mix: { insert: 1, update: 0, delete: 0 },
        deadlineMs: 5000,
        site: 'clients',
        params: { tables: 1 },
      },
      faults: [],
      expect: {},
      verify: { content: true, amcheck: false },
    });
  });

  test('may have synchronous off and on as text or as booleans', () => {
    const modes = ['off', 'on', 'false', 'true', '"off"', 'quorum'].map(
      (mode) => parse(scenarioText(`cluster: { synchronous: ${mode} }`)).cluster.synchronous,
    );
    expect(modes).toEqual(['off', 'on', 'off', 'on', 'off', 'quorum']);
    const old = parse(`%YAML 1.1\n---\n${scenarioText('cluster: { synchronous: on }')}`);
    expect(old.cluster.synchronous).toBe('on');
  });

  test('may have the mix in percent or in shares', () => {
    const mixOf = (mix: string) =>
      parse(`name: x\nclaim: y.\nload: { duration: 1s, mix: ${mix} }`).load.mix;
    expect(mixOf('{ insert: 80, update: 20 }')).toEqual({ insert: 0.8, update: 0.2, delete: 0 });
    expect(mixOf('{ insert: 4, update: 1 }')).toEqual({ insert: 0.8, update: 0.2, delete: 0 });
  });

  test('with a single server has one node', () => {
    expect(parse(scenarioText('cluster: { topology: single }')).cluster.nodes).toBe(1);
    expect(messagesOf(scenarioText('cluster: { topology: single, nodes: 2 }'))).toEqual([
      'x.yaml:5:37: cluster.nodes: must be 1 where topology is single',
    ]);
  });
});

describe('a file that is no scenario', () => {
  const needed = 'a scenario is a mapping with name, claim, cluster, load, faults and expect';
  test.each([
    ['an empty file', '', `x.yaml:1:1: the file is empty; ${needed}`],
    ['only a comment', '# later\n', `x.yaml:1:1: the file is empty; ${needed}`],
    ['a list', '- name: x\n', `x.yaml:1:1: ${needed}`],
    ['a word', 'hello\n', `x.yaml:1:1: ${needed}`],
    [
      'two documents',
      `${scenarioText()}---\nname: y\n`,
      'x.yaml:5:1: a second document begins; one file is one document',
    ],
    ['a key twice', scenarioText('name: y\n'), "x.yaml:5:1: the key 'name' appears twice"],
    [
      'a nested key twice',
      scenarioText('verify: { content: true, content: true }'),
      "x.yaml:5:26: the key 'content' appears twice",
    ],
    [
      'an alias of nothing',
      scenarioText('verify: *v'),
      'x.yaml:5:9: the alias *v has no anchor before it',
    ],
    [
      'an unclosed list',
      'name: [\n',
      'x.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a tab',
      'load:\n\tduration: 5s\n',
      'x.yaml:2:1: not valid YAML: Tabs are not allowed as indentation',
    ],
    ['endless nesting', '['.repeat(5000), 'x.yaml:1:102: not valid YAML: nested too deeply'],
  ])('%s', (_, text, message) => {
    const [first] = messagesOf(text);
    expect(first?.replace(/:\d+: not valid YAML: nested/, ':102: not valid YAML: nested')).toBe(
      message,
    );
  });

  test('with aliases that multiply is refused before they fill the memory', () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi']) {
      levels.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    }
    expect(messagesOf(levels.join('\n'))).toEqual([
      'x.yaml:1:1: its aliases expand to more than a scenario can hold; write the values out',
    ]);
  });

  test('with twenty thousand keys is refused in linear time', () => {
    const cpuMs = (keys: number) => {
      const text = Array.from({ length: keys }, (_, index) => `k${index}: 1`).join('\n');
      // CPU time, which other processes on a busy host affect little.
      const before = process.cpuUsage();
      expect(messagesOf(text)).toHaveLength(11);
      return process.cpuUsage(before).user / 1000;
    };
    cpuMs(2_000);
    const few = cpuMs(2_000);
    // Ten times the keys; quadratic time would be a hundred times as long.
    expect(cpuMs(20_000) / few).toBeLessThan(40);
  });

  test.each([
    [
      'expect:\n  outage: >= 1s',
      'x.yaml:3:12: not valid YAML: Block scalar header includes extra characters: >=; write it in quotes: ">= 1s"',
    ],
    [
      'expect: { outage: >= 1s }',
      'x.yaml:2:19: not valid YAML: Plain value cannot start with block scalar indicator >; write it in quotes: ">= 1s"',
    ],
    [
      'expect:\n  lost: != 2',
      'x.yaml:3:9: not valid YAML: Unresolved tag: !=; write it in quotes: "!= 2"',
    ],
  ])(
    'with a demand that YAML reads as something else gets advice to quote it: %j',
    (text, message) => {
      expect(messagesOf(`name: x\n${text}\n`)).toEqual([message]);
    },
  );
});

describe('an error in a scenario file', () => {
  test.each([
    ['faultz: []', "x.yaml:5:1: unknown key 'faultz'; did you mean 'faults'?"],
    [
      '__proto__: {}',
      "x.yaml:5:1: unknown key '__proto__'; known: name, claim, backend, cluster, load, downstream, faults, expect, verify, evidence, hold, thresholds, incident, cure",
    ],
    ['backend: lokal', "x.yaml:5:10: backend: there is no backend 'lokal'; did you mean 'local'?"],
    ['cluster: 3', 'x.yaml:5:10: cluster: must be a mapping of keys to values, not 3'],
    ['cluster:', 'x.yaml:5:9: cluster: must be a mapping of keys to values, not null'],
    ['cluster: { nodes: 0 }', 'x.yaml:5:19: cluster.nodes: must be at least 1, not 0'],
    ['cluster: { nodes: 10 }', 'x.yaml:5:19: cluster.nodes: must be at most 9, not 10'],
    ['cluster: { nodez: 3 }', "x.yaml:5:12: cluster: unknown key 'nodez'; did you mean 'nodes'?"],
    [
      'cluster: { topology: patrony }',
      "x.yaml:5:22: cluster.topology: must be one of: patroni, single, not 'patrony'; did you mean 'patroni'?",
    ],
    [
      'cluster: { synchronous: maybe }',
      "x.yaml:5:25: cluster.synchronous: must be one of: off, on, strict, quorum, true or false, not 'maybe'",
    ],
    [
      'cluster: { patroni: { ttl: 30s } }',
      "x.yaml:5:28: cluster.patroni.ttl: must be a number, not '30s'",
    ],
    [
      'cluster: { patroni: { tttl: 30 } }',
      "x.yaml:5:29: cluster.patroni.tttl: unknown key 'tttl'; did you mean 'ttl'?",
    ],
    [
      'cluster: { patroni: { synchronous_mode: true } }',
      'x.yaml:5:41: cluster.patroni.synchronous_mode: is set by cluster.synchronous',
    ],
    ['cluster: { converge: 60 }', 'x.yaml:5:22: cluster.converge: 60 needs a unit: 60s or 60000ms'],
    [
      'cluster: { parameters: { a: [1] } }',
      'x.yaml:5:29: cluster.parameters.a: must be a text, a number or a boolean',
    ],
    ['verify: { content: yes }', "x.yaml:5:20: verify.content: must be true or false, not 'yes'"],
    [
      'faults: { at: 1s }',
      'x.yaml:5:9: faults: must be a list of at most 1000, each like { at: 10s, fault: noop, target: leader }',
    ],
    [
      'faults: [cut]',
      'x.yaml:5:10: faults[0]: must be a mapping, like { at: 10s, fault: noop, target: leader }',
    ],
    [
      'faults: [{ at: 10, fault: cut, target: leader }]',
      'x.yaml:5:16: faults[0].at: 10 needs a unit: 10s or 10000ms',
    ],
    [
      'faults: [{ at: 1s, fault: cot, target: leader }]',
      "x.yaml:5:27: faults[0].fault: there is no fault 'cot'; did you mean 'cut'?",
    ],
    ['faults: [{ at: 1s, target: leader }]', 'x.yaml:5:10: faults[0].fault: is missing'],
    [
      'faults: [{ at: 1s, fault: cut }]',
      'x.yaml:5:10: faults[0]: cut needs a target, such as leader',
    ],
    [
      'faults: [{ at: 1s, fault: handover, target: leader }]',
      'x.yaml:5:45: faults[0].target: handover acts on the whole cluster and takes no target',
    ],
    [
      'faults: [{ fault: handover }]',
      'x.yaml:5:10: faults[0]: needs a time: at: 10s, or after: partition#1 + 3s',
    ],
    [
      'faults: [{ at: 1s, after: handover#1, fault: handover }]',
      'x.yaml:5:27: faults[0].after: has both at and after; write the offset into after: partition#1 + 3s',
    ],
    [
      'faults: [{ after: a + 3, fault: handover }]',
      'x.yaml:5:19: faults[0].after: 3 needs a unit: 3s or 3000ms',
    ],
    [
      'faults: [{ after: A thing, fault: handover }]',
      "x.yaml:5:19: faults[0].after: must be a fault's id, or an id and an offset: partition#1 + 3s",
    ],
    [
      'faults: [{ at: 1s, fault: handover, for: 0s }]',
      'x.yaml:5:42: faults[0].for: must be longer than 0s',
    ],
    [
      'faults: [{ at: 1s, fault: cut, target: leader, frm: all }]',
      "x.yaml:5:48: faults[0]: unknown key 'frm'; did you mean 'from'?",
    ],
    [
      'faults: [{ at: 1s, fault: cut, target: leader, tarkget: all }]',
      "x.yaml:5:48: faults[0]: unknown key 'tarkget'; did you mean 'target'?",
    ],
    [
      'faults: [{ at: 1s, fault: handover, every: 5s }]',
      'x.yaml:5:44: faults[0].every: needs times: every: 5s, times: 3',
    ],
    [
      'faults: [{ at: 1s, fault: handover, times: 3 }]',
      'x.yaml:5:44: faults[0].times: needs every: every: 5s, times: 3',
    ],
    [
      'faults: [{ at: 1s, fault: handover, every: 5s, times: 3, for: 5s }]',
      'x.yaml:5:63: faults[0].for: must be shorter than every, or two of its repetitions are in force at once',
    ],
    [
      'faults: [{ at: 1s, fault: handover, every: 5s, times: 1 }]',
      'x.yaml:5:55: faults[0].times: must be at least 2, not 1',
    ],
    [
      'faults: [{ at: 1s, fault: handover, every: 5s, times: 2, when: failover within 3s }]',
      'x.yaml:5:64: faults[0].when: cannot be repeated: move the wait to a step of its own',
    ],
    [
      'faults: [{ at: 1s, fault: handover, for: 2s, until: failover within 3s }]',
      'x.yaml:5:53: faults[0].until: replaces for: use one of the two',
    ],
    [
      'faults: [{ at: 1s, fault: handover, until: failover }]',
      'x.yaml:5:44: faults[0].until: needs a limit: "lag > 2MB within 20s"',
    ],
    [
      'faults: [{ at: 1s, fault: handover, until: failover within 3 }]',
      'x.yaml:5:44: faults[0].until: 3 needs a unit: 3s or 3000ms',
    ],
    [
      'faults: [{ at: 1s, fault: handover, when: failver within 3s }]',
      "x.yaml:5:43: faults[0].when: 'failver' is not a state to wait for; did you mean 'failover'?",
    ],
    [
      'faults: [{ at: 1s, fault: handover, when: lag > 2 within 3s }]',
      'x.yaml:5:43: faults[0].when: lag: 2 needs a unit: 2B or 2kB',
    ],
    [
      'faults: [{ at: 1s, fault: handover, when: lag 2MB within 3s }]',
      "x.yaml:5:43: faults[0].when: lag is compared with a size: lag > 2MB, not 'lag 2MB'",
    ],
    [
      'faults: [{ at: 1s, fault: handover, toString: 5 }]',
      "x.yaml:5:37: faults[0]: unknown key 'toString'; known: at, after, when, fault, target, for, until, every, times, expect, id",
    ],
    [
      'faults: [{ at: 1s, fault: cut, target: leader, from: al }]',
      "x.yaml:5:54: faults[0].from: must be one of: all, peers, not 'al'; did you mean 'all'?",
    ],
    [
      'faults: [{ at: 1s, fault: cut, target: leader, warmup: 3 }]',
      'x.yaml:5:56: faults[0].warmup: 3 needs a unit: 3s or 3000ms',
    ],
    [
      'faults: [{ at: 1s, fault: handover, id: Big One }]',
      'x.yaml:5:41: faults[0].id: must be lower-case letters, digits and hyphens',
    ],
  ])('%s', (more, message) => {
    expect(messagesOf(scenarioText(more))).toEqual([message]);
  });

  test.each([
    ['{ duration: 30 }', 'x.yaml:3:19: load.duration: 30 needs a unit: 30s or 30000ms'],
    ['{ duration: 0s }', 'x.yaml:3:19: load.duration: must be longer than 0s'],
    ['{}', 'x.yaml:3:7: load.duration: needs a duration such as 5s, or give stages or operations'],
    ['fast', 'x.yaml:3:7: load: must be a mapping of keys to values'],
    ['{ duration: 1s, rate: -5/s }', "x.yaml:3:29: load.rate: '-5/s' must not be negative"],
    ['{ duration: 1s, rate: 500 }', 'x.yaml:3:29: load.rate: 500 needs a unit: 500/s or 30000/min'],
    ['{ duration: 1s, rat: 5/s }', "x.yaml:3:23: load: unknown key 'rat'; did you mean 'rate'?"],
    ['{ duration: 1s, clients: 0 }', 'x.yaml:3:32: load.clients: must be at least 1, not 0'],
    [
      '{ duration: 1s, clients: 2, workers: 3 }',
      'x.yaml:3:44: load.workers: must not be above clients: a worker without a client does nothing',
    ],
    [
      '{ duration: 1s, clients: 100000 }',
      'x.yaml:3:32: load.clients: must be at most 2000, not 100000',
    ],
    [
      '{ duration: 1s, pipeline: 8, savepoints: true }',
      'x.yaml:3:33: load.pipeline: cannot be combined with savepoints, whose statements wait for answers in between',
    ],
    [
      '{ duration: 1s, pipeline: 8 }',
      "x.yaml:3:33: load.pipeline: the workload 'ledger' sends transactions of several statements, whose answers it waits for",
    ],
    ['{ duration: 1s, readers: 101 }', 'x.yaml:3:32: load.readers: must be at most 100, not 101'],
    [
      '{ duration: 1s, reads: 5/s }',
      'x.yaml:3:30: load.reads: is without effect: give readers, too',
    ],
    [
      '{ duration: 1s, readers: 2 }',
      "x.yaml:3:32: load.readers: the workload 'ledger' has no reads, so it can have no readers",
    ],
    ['{ duration: 1s, mix: { insert: 0 } }', 'x.yaml:3:28: load.mix: must not be all zero'],
    [
      '{ duration: 1s, mix: { insert: -1 } }',
      'x.yaml:3:38: load.mix.insert: must be at least 0, not -1',
    ],
    [
      '{ duration: 1s, mix: { insert: 1, upsert: 1 } }',
      "x.yaml:3:41: load.mix: unknown key 'upsert'; did you mean 'insert'?",
    ],
    ['{ duration: 1s, payload: 2MB }', 'x.yaml:3:32: load.payload: must be 1B to 1MB'],
    [
      '{ duration: 1s, workload: leger }',
      "x.yaml:3:33: load.workload: there is no workload 'leger'; did you mean 'ledger'?",
    ],
    ['{ duration: 1s, tables: 0 }', 'x.yaml:3:31: load.tables: must be at least 1, not 0'],
  ])('load: %s', (load, message) => {
    expect(messagesOf(`name: x\nclaim: It holds.\nload: ${load}\n`)).toEqual([message]);
  });

  test.each([
    ['{ losst: 0 }', "x.yaml:4:11: expect: there is no check 'losst'; did you mean 'lost'?"],
    [
      '{ lost: few }',
      `x.yaml:4:17: expect.lost: 'few' is not a count such as 0, ">= 1", "< 5" or "1..5"`,
    ],
    ['{ outage: < 15 }', 'x.yaml:4:19: expect.outage: 15 needs a unit: 15s or 15000ms'],
    ['[lost]', 'x.yaml:4:9: expect: must be a mapping of checks to demands, like lost: 0'],
  ])('expect: %s', (demands, message) => {
    const text = `name: x\nclaim: It holds.\nload: { duration: 30s }\nexpect: ${demands}\n`;
    expect(messagesOf(text)).toEqual([message]);
  });

  test('all errors are reported at once, in the order of the file', () => {
    expect(messagesOf('name: Foo Bar\nload: { rate: 5 }\nexpect: { lots: 0 }\n')).toEqual([
      'x.yaml:1:1: claim: is missing',
      'x.yaml:1:7: name: must be lower-case letters, digits and hyphens: partition-5s',
      'x.yaml:2:7: load.duration: needs a duration such as 5s, or give stages or operations',
      'x.yaml:2:15: load.rate: 5 needs a unit: 5/s or 300/min',
      "x.yaml:3:11: expect: there is no check 'lots'; did you mean 'lost'?",
    ]);
  });

  test('names that only the planner can check are reported with the other errors', () => {
    const text = `name: x
claim: It holds.
load: { duration: 30 sec }
faults:
  - { at: 1s, fault: cut, target: any-replca }
  - { at: 2s, fault: cut, target: pg9, id: second }
  - { after: secnd, fault: cut, target: targets of secnd }
  - { at: 3s, fault: cut, target: leader, until: pg7 streaming within 5s }
`;
    expect(messagesOf(text)).toEqual([
      "x.yaml:3:19: load.duration: '30 sec' has an unknown unit; units of a duration: ms, s, m, h",
      "x.yaml:5:35: faults[0].target: unknown target 'any-replca'; did you mean 'any-replica'?",
      "x.yaml:6:35: faults[1].target: there is no node 'pg9'; nodes: pg1, pg2, pg3",
      "x.yaml:7:14: faults[2].after: there is no fault with the id 'secnd'; did you mean 'second'?",
      "x.yaml:7:41: faults[2].target: there is no fault with the id 'secnd'; did you mean 'second'?",
      "x.yaml:8:50: faults[3].until: there is no node 'pg7'; nodes: pg1, pg2, pg3",
    ]);
  });

  test('problems of the keys of a fault with the cluster are reported with the other errors', () => {
    const text = scenarioText(
      'faults: [{ at: 1s, fault: cut, target: leader, warmup: 2m }, { fault: handover }]',
    );
    expect(messagesOf(text)).toEqual([
      'x.yaml:5:56: faults[0].warmup: must be at most 1m',
      'x.yaml:5:62: faults[1]: needs a time: at: 10s, or after: partition#1 + 3s',
    ]);
  });

  test('a problem that only follows from another is not reported', () => {
    const steps = '[{ at: 1s, fault: cutt, target: pg4 }, { after: cut#1, fault: handover }]';
    const text = scenarioText(`cluster: { nodes: three }\nfaults: ${steps}`);
    expect(messagesOf(text)).toEqual([
      "x.yaml:5:19: cluster.nodes: must be a number, not 'three'",
      "x.yaml:6:27: faults[0].fault: there is no fault 'cutt'; did you mean 'cut'?",
    ]);
  });

  test('more than ten problems are counted, not listed', () => {
    const steps = Array.from({ length: 15 }, () => '  - { at: 1s, fault: nope }').join('\n');
    const messages = messagesOf(scenarioText(`faults:\n${steps}\n`));
    expect([messages.length, messages.at(-1)]).toEqual([11, 'x.yaml: ... and 5 more']);
  });
});

describe('--set', () => {
  test('overrides an existing value, adds a missing one, and removes one', () => {
    const text = scenarioText('faults: [{ at: 1s, fault: cut, target: leader, for: 2s }]');
    const {
      expect: demands,
      faults,
      cluster,
    } = parse(text, [
      ...['expect.lost=>= 1', 'faults.0.at=3s', 'faults.0.for=null'],
      ...['cluster.patroni.ttl=20', 'cluster.synchronous=on'],
    ]);
    expect(demands).toEqual({ lost: { kind: 'count', op: '>=', value: 1 } });
    expect(faults.map(({ atMs, holdMs }) => [atMs, holdMs])).toEqual([[3000, undefined]]);
    expect([cluster.patroni, cluster.synchronous]).toEqual([{ ttl: 20 }, 'on']);
  });

  test.each([
    ['expect.lost', 'write it as key.key=value, like expect.lost=0'],
    ['=0', 'write it as key.key=value, like expect.lost=0'],
    ['expect..lost=0', 'write it as key.key=value, like expect.lost=0'],
    ['expect.losst=0', "expect: there is no check 'losst'; did you mean 'lost'?"],
    ['expect.lost=few', `expect.lost: 'few' is not a count such as 0, ">= 1", "< 5" or "1..5"`],
    ['load.duration.x=1', 'load.duration holds a single value, not keys'],
    ['faults.2.at=1s', 'faults is a list; name one of its entries, 0 to 0'],
    ['faults.first.at=1s', 'faults is a list; name one of its entries, 0 to 0'],
    ['cluster.nodes=0', 'cluster.nodes: must be at least 1, not 0'],
    ['clustr.nodes=3', "unknown key 'clustr'; did you mean 'cluster'?"],
    ['synchronous=on', "unknown key 'synchronous'; did you mean 'cluster.synchronous'?"],
    ['ttl=20', "unknown key 'ttl'; did you mean 'cluster.patroni.ttl'?"],
    ['cluster.ttl=20', "cluster: unknown key 'ttl'; did you mean 'cluster.patroni.ttl'?"],
    ['cluster.ttll=20', "cluster: unknown key 'ttll'; did you mean 'cluster.patroni.ttl'?"],
    ['load.nodes=3', "load: unknown key 'nodes'; did you mean 'cluster.nodes'?"],
    [
      'cluster.lost=0',
      "cluster: unknown key 'lost'; did you mean 'expect.lost' or 'thresholds.lost'?",
    ],
    ['expect.ttl=3', "expect: unknown key 'ttl'; did you mean 'cluster.patroni.ttl'?"],
    ['tables=2', "unknown key 'tables'; did you mean 'load.tables'?"],
    ['for=2s', "unknown key 'for'; did you mean 'faults.0.for'?"],
    ['lost=0', "unknown key 'lost'; did you mean 'expect.lost' or 'thresholds.lost'?"],
    [
      'colour=red',
      "unknown key 'colour'; known: name, claim, backend, cluster, load, downstream, faults, expect, verify, evidence, hold, thresholds, incident, cure",
    ],
    ['load.duration=', "load.duration: '' is not a duration such as 5s"],
    [
      'load.duration=null',
      'load.duration: needs a duration such as 5s, or give stages or operations',
    ],
  ])('%s is named as the source of an error', (set, message) => {
    const text = scenarioText('faults: [{ at: 1s, fault: cut, target: leader }]');
    expect(messagesOf(text, [set])).toEqual([`--set ${set}: ${message}`]);
  });
});
