import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { judge } from '../../../../src/judge/judge.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { withDemandsOf } from '../../../../src/scenario/read-demands.ts';

/*
 * A real run (PostgreSQL 15, Patroni 3.0.2) at 20 writes a second: after 2 s the leader's replication is cut (`cut`), after 4 s
 * it is killed (`kill-node#1`); a replica takes over 20 s later. Both are healed when the load has ended.
 */
const run = path.resolve(import.meta.dirname, '../../../fixtures/stored-runs/async-tail-loss');
const registry = await loadRegistry();
const folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-demands-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The verdicts of these demands alone. */
async function verdicts(expected: string) {
  const file = path.join(folder, 'demands.yaml');
  await writeFile(file, `expect: ${expected}\n`);
  const planned = (plan: Parameters<typeof withDemandsOf>[1]) =>
    withDemandsOf(file, plan, registry);
  const { result } = await judge(run, registry, { planned });
  const demanded = new Set(result.checks.map(({ check }) => check));
  for (const name of registry.checks.keys()) {
    if (!expected.includes(`${name}:`)) demanded.delete(name);
  }
  return result.checks
    .filter(({ check }) => demanded.has(check))
    .map(({ status, summary }) => `${status}: ${summary}`);
}

test.each([
  ['rto', '< 30s', '< 10s', 'time to the first write after a takeover: 20.8 s'],
  ['lossPercent', '< 5%', '0%', 'lost of the acknowledged writes: 3.03%'],
  ['errorRate', '< 3%', '0%', 'failed and indeterminate attempts: 1.88%'],
  ['throughput', '>= 15/s', '>= 25/s', 'acknowledged writes per second: 19.5/s'],
  ['lag', '< 1MB', '< 16kB', 'replication lag at most: 17.6 kB'],
  ['splitBrain', '0s', '>= 1s', 'two primaries at once: 0.0 s'],
  ['demotions', '1', '0', 'demotions: 1'],
  ['demotedAgain', '0', '>= 1', 'demotions of a node demoted before: 0'],
  ['promotions', '1', '0', 'promotions: 1'],
  ['leadershipChanges', '1', '0', 'changes of leadership: 1'],
  ['availability', '< 50%', '">= 99.5%"', 'availability: 35%'],
] as const)('%s: a stored run passes %s and fails %s', async (check, good, bad, said) => {
  const quoted = (demand: string) => demand.replaceAll('"', '');
  expect(await verdicts(`{ ${check}: ${good.startsWith('>') ? `"${good}"` : good} }`)).toEqual([
    `pass: ${said} (demanded: ${quoted(good)})`,
  ]);
  expect(await verdicts(`{ ${check}: ${bad.startsWith('>') ? `"${bad}"` : bad} }`)).toEqual([
    `fail: ${said} (demanded: ${quoted(bad)})`,
  ]);
});

test('latency and rpo have a demand for each of their numbers', async () => {
  expect(
    await verdicts('{ latency: { p99: < 50ms, max: < 30s }, rpo: { records: 19, seconds: < 1s } }'),
  ).toEqual([
    'fail: latency: p99 20.4 s (demanded: < 50ms); max 20.6 s (demanded: < 30s)',
    'fail: rpo: records 19 (demanded: 19); seconds at least 1.3 s (demanded: < 1s)',
  ]);
});

test('a phase is judged by itself', async () => {
  expect(
    await verdicts(`
  phases:
    - { before: cut, errorRate: 0%, throughput: ">= 15/s", latency: { p99: < 500ms } }
    - { during: kill-node#1, errorRate: 0%, outage: < 5s, failovers: 1, demotions: 0, rto: < 30s, availability: ">= 99%" }
    - { after: cut, throughput: ">= 15/s" }`),
  ).toEqual([
    'pass: before cut: failed and indeterminate attempts: 0% (demanded: 0%)',
    'pass: before cut: acknowledged writes per second: 20.4/s (demanded: >= 15/s)',
    'pass: before cut: latency: p99 0.2 s (demanded: < 500ms)',
    'fail: during kill-node#1: failed and indeterminate attempts: 2.14% (demanded: 0%)',
    'fail: during kill-node#1: longest outage: 20.6 s (demanded: < 5s)',
    'pass: during kill-node#1: failovers: 1 (demanded: 1)',
    'fail: during kill-node#1: demotions: 1 (demanded: 0)',
    'pass: during kill-node#1: time to the first write after a takeover: 20.8 s (demanded: < 30s)',
    'fail: during kill-node#1: availability: 26.52% (demanded: >= 99%)',
    'unknown: after cut: throughput: cut was in force until the end of the load',
  ]);
});

test('a phase in which no operation was sent is unknown', async () => {
  expect(
    await verdicts(
      '{ phases: [{ before: kill-node#1, within: 1ms, errorRate: 0%, throughput: 0/s }] }',
    ),
  ).toEqual([
    'unknown: before kill-node#1, within 1ms: failed and indeterminate attempts: could not be measured: no operation was sent in it (demanded: 0%)',
    'unknown: before kill-node#1, within 1ms: acknowledged writes per second: could not be measured: no operation was sent in it (demanded: 0/s)',
  ]);
});

test('a demand on a phase can depend on the version, like any other', async () => {
  expect(
    await verdicts(
      '{ phases: [{ before: cut, patroni: ">= 4", errorRate: "> 1%" }, { before: cut, patroni: < 4, errorRate: 0% }] }',
    ),
  ).toEqual([
    'pass: before cut: failed and indeterminate attempts: 0% (demanded: 0%), as demanded where patroni < 4',
  ]);
});

test('demands on a fault that the stored run does not have are refused, with their place', async () => {
  await expect(verdicts('{ phases: [{ during: cutt, errorRate: 0% }] }')).rejects.toThrow(
    /demands.yaml:1:30: expect.phases\[0\].during: there is no fault with the id 'cutt'; did you mean 'cut'\?$/,
  );
});
