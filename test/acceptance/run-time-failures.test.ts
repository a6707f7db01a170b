import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { latestResult, runCli } from '../helpers/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-unplanned-'));
const reports = path.join(folder, 'reports');
afterAll(() => rmSync(folder, { recursive: true }));

/** A run that loses nothing, so that only the deviation from the plan prevents a pass. */
async function runOf(name: string, steps: readonly string[]) {
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
claim: A run that did not go as planned is no pass.
cluster: { nodes: 3, synchronous: on, patroni: { ttl: 30, loop_wait: 5, retry_timeout: 10 } }
load: { clients: 4, rate: 200/s, duration: 8s }
faults:
${steps.map((step) => `  - { ${step} }`).join('\n')}
expect: { lost: 0, unexpected: 0 }
`,
  );
  const { exitCode, stdout } = await runCli(['run', file], { reports });
  const { status, problems, faults, writes } = latestResult(reports, name);
  expect({ exitCode, status, verdict: /Verdict: (\w+)/.exec(stdout)?.[1] }).toEqual({
    exitCode: 2,
    status: 'unknown',
    verdict: 'UNKNOWN',
  });
  expect(writes.acknowledged).toBeGreaterThan(50);
  expect(writes.lost).toBe(0);
  const healed = faults.map(({ id, healedAtMs }) => [id, healedAtMs !== null]);
  return { problems, healed: Object.fromEntries(healed) as Record<string, boolean> };
}

const cut = 'at: 1s, id: cut, fault: partition, target: replica, from: peers';

describe('a run that does not go as planned is healed and unknown, exit code 2', () => {
  test('when the awaited state of a step is not reached', async () => {
    const { problems, healed } = await runOf('never', [
      cut,
      'after: cut, id: late, when: failover within 1s, fault: kill-node, target: leader',
    ]);
    expect(problems).toEqual([
      expect.stringMatching(
        /^late: gave up after 1\.0 s waiting for: failover: no other node than pg\d is primary/,
      ),
    ]);
    expect(healed).toEqual({ cut: true });
  });

  test('when an injection fails, with the node', async () => {
    const { problems, healed } = await runOf('refused', [
      cut,
      "at: 2s, id: bad, fault: exec, target: pg2, inject: ['false'], heal: ['true']",
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^bad: injecting exec on pg2 failed: pg2: .*false.* exit/),
    ]);
    expect(healed).toEqual({ cut: true, bad: true });
  });

  test('when a heal fails, with the node', async () => {
    const { problems, healed } = await runOf('wounded', [
      cut,
      "at: 2s, id: bad, fault: exec, target: pg3, inject: ['true'], heal: ['false']",
    ]);
    expect(problems).toEqual(['bad: healing failed: pg3: false: exit code 1: ']);
    expect(healed).toEqual({ cut: true, bad: false });
  });

  test('when no node is the target at that moment', async () => {
    const { problems, healed } = await runOf('nobody', [
      'at: 1s, id: down, fault: kill-node, target: replica',
      'after: down + 1s, id: none, fault: partition, target: any-replica',
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^none: no node is any-replica now: leader pg\d, .*pg\d down/),
    ]);
    expect(healed).toEqual({ down: true });
  });
});
