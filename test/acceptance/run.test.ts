import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { processesNaming } from '../helpers/processes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-run-'));
const reports = path.join(folder, 'reports');
afterAll(() => rmSync(folder, { recursive: true }));

const cut = path.join(folder, 'cut.yaml');
writeFileSync(
  cut,
  `name: cut
claim: A 2 s cut of the leader costs no acknowledged write.
cluster: { nodes: 3, patroni: { ttl: 30, loop_wait: 5, retry_timeout: 10 } }
load: { clients: 4, rate: 200/s, duration: 8s, mix: { insert: 70, update: 20, delete: 10 }, batch: 3 }
faults:
  - { at: 3s, fault: partition, target: leader, for: 2s }
expect: { lost: 0, failovers: 0, outage: '< 8s', replicas: agree }
`,
);

describe('a whole run', () => {
  test('passes, in the order of its phases, and gets the same verdict again without a cluster', async () => {
    const { exitCode, stdout } = await runCli(['run', cut], { reports });
    const result = latestResult(reports, 'cut');
    expect({ exitCode, status: result.status, problems: result.problems }).toEqual({
      exitCode: 0,
      status: 'pass',
      problems: [],
    });
    const { writes, records, stages } = result;
    expect(writes.attempted).toBeGreaterThan(2000);
    expect(writes.durable).toBe(writes.acknowledged);
    expect(records).toEqual({ inserted: records.inserted, found: records.inserted, lost: 0 });
    expect(new Set(Object.values(stages.onReplicas))).toEqual(new Set([stages.onPrimary]));
    expect(result.settings).toMatchObject({ fsync: 'on', synchronous_commit: 'on' });
    const [injection] = result.faults;
    expect(injection!.injectedAtMs! - injection!.plannedAtMs).toBeLessThan(50);
    expect(result.outage.longestMs).toBeGreaterThan(1500);
    const [silence, ...others] = result.timeline!.unreachable!;
    expect([silence?.node, others]).toEqual([injection!.targets[0], []]);
    expect(silence!.fromMs).toBeGreaterThanOrEqual(injection!.injectedAtMs! - 50);
    expect(silence!.toMs - silence!.fromMs).toBeGreaterThan(1500);
    for (const ms of Object.values(result.phases)) expect(ms).toBeTypeOf('number');
    const block = stdout.slice(stdout.indexOf('Data Loss Report'));
    expect(block.split('\n').slice(0, 5)).toEqual([
      'Data Loss Report',
      `  Total Records Inserted: ${records.inserted}`,
      `  Records Found in DB: ${records.inserted}`,
      '  Records Lost: 0',
      '  Data Loss Percentage: 0.00%',
    ]);
    expect(processesNaming(result.runId)).toEqual([]);

    expect((await runCli(['judge', 'cut'], { reports })).exitCode).toBe(0);
    expect(latestResult(reports, 'cut')).toEqual(result);
  });

  test('exits with 1 when a demand does not hold', async () => {
    const args = ['run', cut, '--set', 'expect.outage=< 1ms', '--set', 'load.duration=6s'];
    const { exitCode, stdout } = await runCli(args, { reports });
    expect({ exitCode, verdict: /Verdict: (\w+)/.exec(stdout)?.[1] }).toEqual({
      exitCode: 1,
      verdict: 'FAIL',
    });
  });

  test('heals, cleans up and writes what it has when interrupted during a partition', async () => {
    const run = startCli(['run', cut, '--set', 'faults.0.for=4s'], { reports });
    await run.untilStderr(' load');
    const events = path.join(reports, 'cut', 'latest', 'events.jsonl');
    await expect
      .poll(() => readFileSync(events, 'utf8'), { timeout: 30_000 })
      .toContain('injected');
    run.interrupt();
    const { exitCode } = await run.done;
    const result = latestResult(reports, 'cut');
    expect(exitCode).toBe(130);
    expect(result.status).toBe('unknown');
    expect(result.problems).toContain('the run was interrupted');
    expect(result.faults[0]!.healedAtMs).not.toBeNull();
    expect(result.writes.lost).toBeNull();
    expect(result.writes.acknowledged).toBeGreaterThan(0);
    expect(processesNaming(result.runId)).toEqual([]);
  });

  test('leaves nothing behind when it is interrupted twice', async () => {
    const run = startCli(['run', cut], { reports });
    await run.untilStderr(' load');
    run.interrupt();
    // The second signal must not be the first one forwarded.
    await new Promise((resolve) => setTimeout(resolve, 350));
    try {
      run.interrupt();
    } catch {
      // The run had ended before the second signal, which is fine too.
    }
    expect((await run.done).exitCode).toBe(130);
    const { runId } = JSON.parse(
      readFileSync(path.join(reports, 'cut', 'latest', 'events.jsonl'), 'utf8').split('\n')[0]!,
    ) as { runId: string };
    await expect.poll(() => processesNaming(runId), { timeout: 2_000 }).toEqual([]);
  });
});

describe('bad input', () => {
  const wrong = (name: string, text: string): string => {
    const file = path.join(folder, `${name}.yaml`);
    writeFileSync(file, text);
    return file;
  };
  const cases: readonly (readonly [what: string, argument: string, says: RegExp])[] = [
    ['an unknown scenario', 'partition-6s', /did you mean 'partition-5s'/],
    ['an empty file', wrong('empty', ''), /the file is empty/],
    ['a YAML syntax error', wrong('syntax', 'name: [x'), /syntax\.yaml:1:\d+: not valid YAML/],
    ['a file of 10 MB', wrong('big', 'a'.repeat(10_000_000)), /at most 1MB/],
    ['a directory', folder, /is a directory/],
    [
      'a fault after the end of the load',
      wrong('late', readFileSync(cut, 'utf8').replace('at: 3s', 'at: 9s')),
      /late\.yaml:6:\d+:/,
    ],
  ];
  test.each(cases)('%s is one paragraph, exit 3, and nothing starts', async (_, argument, says) => {
    const untouched = path.join(folder, 'untouched');
    const { exitCode, stdout, stderr } = await runCli(['run', argument], { reports: untouched });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(() => readdirSync(untouched)).toThrow();
  });

  test('a missing tool is exit code 4, and the message says how to install it', async () => {
    const env = { FORKPOINT_PATRONI: path.join(folder, 'no-such-patroni') };
    const args = ['run', cut, '--no-install'];
    const { exitCode, stderr } = await runCli(args, { reports, env });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/Patroni/);
  });
});
