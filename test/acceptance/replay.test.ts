import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Plan } from '../../src/contracts/scenario.ts';
import { latestResult, runCli } from '../helpers/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a run is repeated from its bundle, with its plan and seed, even if the scenario has changed', async () => {
  const reports = path.join(folder, 'reports');
  const file = path.join(folder, 'short.yaml');
  writeFileSync(
    file,
    `name: short
claim: A leader that is killed and comes back loses nothing.
cluster: { nodes: 1 }
load: { clients: 4, rate: 200/s, duration: 4s }
faults: [{ at: 1s, fault: kill-postgres, target: leader }]
expect: { lost: 0 }
`,
  );
  const first = await runCli(['run', file, '--seed', '11'], { reports });
  expect({ code: first.exitCode, stderr: first.stderr }).toEqual({
    code: 0,
    stderr: expect.any(String) as string,
  });
  const original = latestResult(reports, 'short');
  const command = first.stdout.split('\n').find((line) => line.startsWith('Reproduce: '));
  expect(command).toBe(`Reproduce: npm run forkpoint -- replay ${original.folder ?? ''}`);

  const bundle = path.join(folder, 'short.tar.gz');
  const packed = await runCli(['bundle', original.folder ?? '', '--output', bundle], { reports });
  expect({ code: packed.exitCode, stderr: packed.stderr }).toEqual({ code: 0, stderr: '' });
  writeFileSync(file, 'name: short\nclaim: something else\n');
  const elsewhere = path.join(folder, 'elsewhere');
  const again = await runCli(['replay', bundle], { reports: elsewhere });
  expect(again.stdout.trimEnd().split('\n').at(-1)).toBe(
    `Replay of ${original.runId}: reproduced: the same verdict, checks and kind of loss`,
  );
  expect(again.exitCode).toBe(0);
  const repeated = latestResult(elsewhere, 'short');
  const { runId, startedAt } = original;
  expect({ seed: repeated.seed, replayOf: repeated.replayOf }).toEqual({
    seed: 11,
    replayOf: { runId, startedAt },
  });
  const plan = (at: string) =>
    JSON.parse(readFileSync(path.join(at, 'short', 'latest', 'plan.json'), 'utf8')) as Plan;
  expect(plan(elsewhere)).toEqual(plan(reports));
});
