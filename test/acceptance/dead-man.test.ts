import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { LiveCluster } from '../../src/contracts/backend.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli, type CliResult } from '../helpers/cli.ts';
import { exampleOf, faultsUndoneAtTarget } from '../helpers/fault-examples.ts';
import {
  endRuns,
  liveLab,
  runUntilHarmed,
  type Step,
  untilWhole,
  residueOf,
} from '../helpers/held-lab.ts';
import { bootLab, isRunning, temporaryReports, tracesOnHost } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

afterEach(endRuns);

const nodes = ['pg1', 'pg2', 'pg3'];
const kinds = [...(await faultsUndoneAtTarget()).keys()];
const steps = [
  ...kinds.map((fault, index): Step => ({
    fault,
    params: exampleOf(fault),
    target: nodes[index % 3]!,
  })),
  { fault: 'dcs-outage', params: { how: 'freeze', members: 'minority' } },
];
const cut: readonly Step[] = [{ fault: 'partition', target: 'pg3' }];

test('the list of faults that a timer must undo is derived from their undos', () => {
  expect(kinds).toEqual(
    expect.arrayContaining([
      ...['bandwidth', 'freeze-node', 'freeze-patroni', 'freeze-postgres', 'latency'],
      ...['packet-loss', 'partition', 'reject'],
    ]),
  );
});

describe('a lab that another process holds', () => {
  const reports = temporaryReports();
  let cluster: Cluster;
  let lab: LiveCluster;
  const owned = ownedBySuite();
  owned.use(reports);
  beforeAll(async () => {
    cluster = owned.use(await bootLab(reports.folder));
    lab = await liveLab(local, cluster.id);
  });
  const harm = (name: string, ...some: readonly Step[]) =>
    runUntilHarmed(reports.folder, name, some, ['--attach', cluster.id]);
  const forkpoint = (...args: readonly string[]): Promise<CliResult> =>
    runCli(args, { reports: reports.folder });
  const folderOf = (name: string) => path.join(reports.folder, name, 'latest');

  test.each(steps)('is healed within 5 s of SIGKILL during $fault', async (step) => {
    const child = await harm(`killed-${step.fault}`, step);
    expect(await residueOf(lab, nodes)).not.toEqual([]);
    child.kill();
    await untilWhole(lab, nodes);
  });

  test('is healed when its harness hangs for longer than the lease, and the run is never a pass', async () => {
    const child = await harm('hung', ...cut);
    process.kill(child.pid, 'SIGSTOP');
    try {
      // 3 s of lease, and as long again as after a death.
      await untilWhole(lab, nodes, 8_000);
    } finally {
      process.kill(child.pid, 'SIGCONT');
    }
    const { exitCode, stderr } = await child.done;
    expect(stderr).toMatch(/pg\d: its dead-man timer healed it during the run: .* silent for 3 s/);
    const { status, problems } = latestResult(reports.folder, 'hung');
    expect([exitCode, status]).toEqual([2, 'unknown']);
    expect(problems.join()).toContain('its dead-man timer healed it during the run');
  });

  test('is left alone by the timers of a run that ends normally, and no timer survives the run', async () => {
    const child = await harm('interrupted', ...cut);
    child.interrupt();
    expect((await child.done).exitCode).toBe(130);
    expect(await residueOf(lab, nodes)).toEqual([]);
    const { stdout } = await runOn(
      lab,
      "cat /run/forkpoint-pg3.healed; ps ax | grep '[r]ead -r -t' || true",
    );
    expect(stdout).not.toContain(path.basename(folderOf('interrupted')));
    expect(stdout).not.toContain('read -r -t');
  });

  test('refuses a second run while the first has its timers in force', async () => {
    const first = await harm('first', {
      fault: 'latency',
      params: { delay: '40ms' },
      target: 'pg3',
    });
    const file = path.join(reports.folder, 'first.yaml');
    const second = await forkpoint('run', file, '--quiet', '--attach', cluster.id);
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toMatch(/pg\d: its dead-man timer cannot be armed: another run's/);
    first.interrupt();
    await first.done;
  });

  test('gets from `heal` once what no timer undoes, and nothing while the run is going on', async () => {
    const child = await harm('node-killed', { fault: 'kill-node', target: 'pg3' });
    const going = await forkpoint('heal', 'node-killed');
    expect([going.exitCode, going.stderr]).toEqual([
      3,
      `${folderOf('node-killed')}: the run is still going on and heals its faults itself\n`,
    ]);
    child.kill();
    await child.done;
    const healed = await forkpoint('heal', 'node-killed');
    expect(healed).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        `${folderOf('node-killed')}: in force: kill-node#1`,
        '  kill-node#1: start on pg3: done',
        `healed; the cluster is ${cluster.id} (local)\n`,
      ].join('\n'),
    });
    await waitUntil(
      'pg3 streams again',
      async () => (await cluster.topology(AbortSignal.timeout(5_000))).members[2]?.isStreaming,
      { timeoutMs: 30_000 },
    );
    const again = await forkpoint('heal', 'node-killed');
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      `${folderOf('node-killed')}: nothing to heal\n`,
    ]);
    await forkpoint('judge', 'node-killed');
    const { status, problems } = latestResult(reports.folder, 'node-killed');
    expect(status).toBe('unknown');
    expect(problems.join()).toMatch(/kill-node#1 was healed by others than its harness, 20/);
  });

  test('is healed by `heal` without a run name from the latest events with something left in force, even with a torn line', async () => {
    const child = await harm('torn', ...cut);
    child.kill();
    await child.done;
    appendFileSync(path.join(folderOf('torn'), 'events.jsonl'), '{"atMs":1,"type":"und');
    const healed = await forkpoint('heal');
    expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
    expect(healed.stdout).toContain('not an event (21 characters)');
    expect(healed.stdout).toContain('  partition#1: clearRules on pg3: done');
  });

  test('gets the failed step of `heal` and its node in the message', async () => {
    const child = await harm('strange', ...cut);
    child.kill();
    await child.done;
    const events = [
      { atMs: 1, type: 'inject', id: 'odd#1', fault: 'odd', targets: ['pg9'], plannedAtMs: 0 },
      { atMs: 1, type: 'undo', id: 'odd#1', step: { do: 'unshape', node: 'pg9', tag: 'odd#1' } },
    ];
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    appendFileSync(path.join(folderOf('strange'), 'events.jsonl'), lines);
    const healed = await forkpoint('heal', 'strange');
    expect(healed.exitCode).toBe(2);
    expect(healed.stderr).toContain('odd#1: unshape on pg9: the cluster has no machine called pg9');
    expect(healed.stdout).toContain('  partition#1: clearRules on pg3: done');
  });
});

test('the own lab of a run is gone within 5 s of SIGKILL, with every such fault in force', async () => {
  using reports = temporaryReports();
  const child = await runUntilHarmed(reports.folder, 'own', steps.filter(isAlone), []);
  const [lab] = (await local.live?.()) ?? [];
  const { init } = lab!.record as { readonly init: { readonly pid: number } };
  child.kill();
  await waitUntil('the lab is gone', () => !isRunning(init.pid), { timeoutMs: 5_000 });
  expect(await tracesOnHost()).toEqual([]);

  const healed = await runCli(['heal'], { reports: reports.folder });
  expect([healed.exitCode, healed.stderr]).toEqual([0, '']);
  expect(healed.stdout).toContain('the cluster is gone, and its faults with it: nothing to heal');
});

test('`heal` refuses a folder that is no run or has no events, and succeeds if there is nothing to heal', async () => {
  using reports = temporaryReports();
  const folder = path.join(reports.folder, 'bare', 'one');
  const heal = (...args: readonly string[]) =>
    runCli(['heal', ...args], { reports: reports.folder });
  expect((await heal('nothing-of-that-name')).exitCode).toBe(3);
  const nothing = await heal();
  expect([nothing.exitCode, nothing.stdout]).toEqual([
    0,
    `nothing to heal: no run below ${reports.folder}\n`,
  ]);
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, 'plan.json'), '{}');
  const bare = await heal(folder);
  expect([bare.exitCode, bare.stderr]).toEqual([
    3,
    `${folder}: no events.jsonl, so there is no journal to heal from\n`,
  ]);
  rmSync(folder, { recursive: true });
});

/** Separates faults that the planner would refuse as contradictory. */
function isAlone({ fault }: Step): boolean {
  return fault !== 'dcs-outage';
}

async function runOn(lab: LiveCluster, script: string): Promise<{ readonly stdout: string }> {
  const { run } = await import('../../src/std/exec.ts');
  return run(lab.enter('pg3', ['sh', '-c', script]));
}
