import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { readRunEvents } from '../../src/evidence/store/read-run.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';

/* What happens to the harness itself while a run lasts: no bug of Forkpoint, and nothing stays harmed. */

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-trouble-'));
afterAll(() => rmSync(folder, { recursive: true }));

function scenarioOf(name: string): string {
  const file = path.join(folder, `${name}.yaml`);
  const text = `name: ${name}
claim: What happens to the harness is no finding about the cluster.
cluster: { nodes: 1 }
load: { clients: 4, rate: 200/s, duration: 6s, deadline: 1s }
faults:
  - { id: frozen, at: 1s, fault: freeze-patroni, target: pg1, for: 2s }
expect: { lost: 0 }
`;
  writeFileSync(file, text);
  return file;
}

const eventsOf = (name: string) => readRunEvents(realpathSync(path.join(folder, name, 'latest')));
const isHealed = (name: string) =>
  eventsOf(name).some((event) => event.type === 'healed' && event.id === 'frozen');

test('a harness that was stopped for longer than its load says so, and heals; the run is unknown', async () => {
  const run = startCli(['run', scenarioOf('stopped'), '--no-install'], { reports: folder });
  await run.untilStderr('frozen (freeze-patroni)');
  process.kill(run.pid, 'SIGSTOP');
  await sleep(20_000);
  process.kill(run.pid, 'SIGCONT');
  const { exitCode, stderr } = await run.done;
  expect(stderr).not.toMatch(/bug in Forkpoint/);
  const result = latestResult(folder, 'stopped');
  const stoodStill =
    /^Forkpoint itself stood still from \d\.\d s to 2\d\.\d s of the load: it was stopped/;
  expect(result.problems).toContainEqual(expect.stringMatching(stoodStill));
  expect({ exitCode, status: result.status }).toEqual({ exitCode: 2, status: 'unknown' });
  expect(isHealed('stopped')).toBe(true);
});

test('a run whose folder is removed heals and says so in one paragraph, exit 4', async () => {
  const run = startCli(['run', scenarioOf('removed'), '--no-install'], { reports: folder });
  await run.untilStderr('frozen (freeze-patroni)');
  const [id = ''] = readdirSync(path.join(folder, 'removed')).filter((name) => name !== 'latest');
  rmSync(path.join(folder, 'removed', id), { recursive: true });
  const { exitCode, stderr } = await run.done;
  const last = stderr.trimEnd().split('\n').at(-1);
  expect(last).toMatch(
    /removed\/\w+ was removed or moved while the run wrote to it: nothing of this run can be judged or kept\. Its faults are healed\. Run it again, and leave its folder alone until it has ended\.$/,
  );
  expect(stderr).toContain('heal');
  expect(exitCode).toBe(4);
  expect(existsSync(path.join(folder, 'removed', id))).toBe(false);
});

test('a run whose stdout is full heals, writes its result and reports, and exits with 4', async () => {
  const prefix = ['sh', '-c', 'exec "$@" >/dev/full', 'sh'];
  const args = ['run', scenarioOf('mute'), '--no-install'];
  const { exitCode, stderr } = await runCli(args, { reports: folder, prefix });
  expect(stderr).toMatch(/cannot write to stdout: .*ENOSPC.*\. What was not shown is in the run's/);
  expect(stderr).not.toMatch(/^ {4}at |bug in Forkpoint/m);
  expect(exitCode).toBe(4);
  expect(latestResult(folder, 'mute').status).toBe('pass');
  expect(isHealed('mute')).toBe(true);
  const run = realpathSync(path.join(folder, 'mute', 'latest'));
  expect(readdirSync(run)).toContain('report.html');
});
