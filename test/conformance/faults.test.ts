import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import type { Fault, Undo } from '../../src/contracts/fault.ts';
import { isFault, loadExtensions } from '../../src/registry.ts';
import { stepKeys } from '../../src/scenario/parse/step-schema.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { knownKeys } from '../../src/scenario/parse/problems.ts';
import { examples, paramsOf } from '../helpers/fault-examples.ts';
import { RecordingCluster } from '../helpers/recording-cluster.ts';
import { scenarioRegistry, scenarioText } from '../helpers/scenario-registry.ts';

const faults = await loadExtensions(new URL('../../faults/', import.meta.url), isFault);

function setUp(name: string, fault: Fault) {
  const recording = new RecordingCluster();
  const targets = fault.targets === 'none' ? [] : recording.cluster.nodes.slice(0, 2);
  const context = recording.context(`${name}#1`);
  const inject = () => fault.inject(targets, paramsOf(name, fault), context);
  return { recording, context, inject };
}

describe.each([...faults])('%s', (name, fault) => {
  test('says in one sentence what is done', () => {
    expect(fault.summary).toMatch(/^[A-Z].{10,120}\.$/);
  });

  test('rejects a key it does not have, at its place in the file', () => {
    const target = fault.targets === 'nodes' ? ', target: leader' : '';
    const step = `{ at: 1s, fault: ${name}${target}, zzz: 1 }`;
    const registry = { ...scenarioRegistry, faults };
    const parse = () =>
      parseScenario(scenarioText(`faults: [${step}]`), { file: 'x.yaml', registry });
    const column = 10 + step.indexOf('zzz');
    expect(parse).toThrow(`x.yaml:5:${column}: faults[0]: unknown key 'zzz'; known: at, after`);
  });

  test('rejects junk in each of its keys, naming the key', () => {
    for (const key of knownKeys(fault.params)) {
      const parsed = fault.params.safeParse({ ...examples[name], [key]: { junk: [null] } });
      expect(parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0])).toContain(key);
    }
    expect(fault.params.safeParse('junk').success).toBe(false);
  });

  test('uses no key that belongs to every step', () => {
    expect(knownKeys(fault.params).filter((key) => stepKeys.includes(key))).toEqual([]);
  });

  test('says that it is in force until others undo it', async () => {
    const { recording, context, inject } = setUp(name, fault);
    if (!fault.lapsed) return;
    await inject();
    const targets = fault.targets === 'none' ? [] : recording.cluster.nodes.slice(0, 2);
    const look = () => fault.lapsed?.(targets, paramsOf(name, fault), context);
    expect(await look()).toBeUndefined();
    await context.heal();
    // What SQL says of it is for a real server: test/acceptance.
    if (name !== 'set-parameter') expect(await look()).toMatch(/./);
  });

  test('is whole again after healing', async () => {
    const { recording, context, inject } = setUp(name, fault);
    await inject();
    await context.heal();
    expect(recording.isWhole()).toBe(true);
  });

  test('registers every undo before the first harm to a node', async () => {
    const { recording, inject } = setUp(name, fault);
    await inject();
    const firstHarm = recording.log.findIndex((entry) => entry.startsWith('pg'));
    const lastUndo = recording.log.lastIndexOf('undo registered');
    // Without an undo it must leave nothing behind: what it does is over when it has been done.
    expect(lastUndo === -1 ? recording.isWhole() : firstHarm === -1 || lastUndo < firstHarm).toBe(
      true,
    );
  });

  test('heals twice without harm', async () => {
    const { recording, context, inject } = setUp(name, fault);
    await inject();
    await context.heal();
    await context.heal();
    expect(recording.isWhole()).toBe(true);
  });

  test('heals without harm where the harm never happened', async () => {
    const { recording, context, inject } = setUp(name, fault);
    recording.failOn = 'pg1';
    await inject().catch(() => undefined);
    await context.heal();
    await context.heal();
    expect(recording.isWhole()).toBe(true);
  });

  test('undoes the first target when the second fails, and says that it failed', async () => {
    const { recording, context, inject } = setUp(name, fault);
    recording.failOn = 'pg2';
    const failure = await inject().then(() => undefined, String);
    await context.heal();
    // Nothing may be on its way still once the injection has failed: it would outlive the undo.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(recording.isWhole()).toBe(true);
    expect(failure).toBe(recording.hasRefused ? 'Error: pg2 refuses' : undefined);
  });

  test('returns what can be journaled', async () => {
    const detail = await setUp(name, fault).inject();
    expect(JSON.parse(JSON.stringify(detail))).toEqual(detail);
  });
});

test('without Patroni, kill-postgres starts the server itself when it heals', async () => {
  const steps: Undo[] = [];
  const recording = new RecordingCluster();
  const single: { -readonly [Key in keyof Cluster]: Cluster[Key] } = { ...recording.cluster };
  delete single.patroni;
  const context = { ...recording.context('kill'), undo: (step: Undo) => void steps.push(step) };
  for (const cluster of [recording.cluster, single]) {
    const targets = cluster.nodes.slice(0, 1);
    await faults.get('kill-postgres')!.inject(targets, {}, { ...context, cluster });
  }
  expect(steps).toEqual([
    { do: 'start', node: 'pg1', target: 'patroni' },
    { do: 'start', node: 'pg1', target: 'postgres' },
  ]);
});

test('switchover asks for the node it was told, and fails where nobody leads', async () => {
  const switchover = faults.get('switchover')!;
  const recording = new RecordingCluster();
  const context = recording.context('switch');
  expect(await switchover.inject([], { candidate: 'pg3' }, context)).toEqual({
    from: 'pg1',
    to: 'pg3',
    answer: 'pg1 -> pg3',
  });
  const leaderless = {
    ...recording.cluster,
    topology: () => Promise.resolve({ syncStandbys: [], members: [], isPaused: false }),
  };
  await expect(switchover.inject([], {}, { ...context, cluster: leaderless })).rejects.toThrow(
    'nobody is leader now',
  );
});
