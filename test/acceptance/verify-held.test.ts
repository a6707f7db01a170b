import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { schemaOf } from '../../src/load/workload-context.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

const held = `
name: held
claim: A cluster that is held after its run can be verified.
load: { clients: 2, rate: 100/s, duration: 2s }
expect: { lost: 0 }
`;

const title =
  'a run that `--keep` holds can be verified as often as one likes, and what was changed by then is found';
test(title, { timeout: 300_000 }, async () => {
  using reports = temporaryReports();
  const file = path.join(reports.folder, 'held.yaml');
  writeFileSync(file, held);
  const run = startCli(['run', file, '--keep', '--no-install'], { reports: reports.folder });
  let isOver = false;
  await using owned = new AsyncDisposableStack();
  owned.defer(async () => {
    if (!isOver) run.kill();
    await run.done;
  });
  await run.untilStderr('held until Ctrl-C');
  const { runId } = latestResult(reports.folder, 'held');
  const call = async (...args: readonly string[]) => {
    const { exitCode, stderr } = await runCli(args, { reports: reports.folder });
    return [exitCode, stderr.trimEnd()];
  };

  const verify = ['verify', 'held', '--lab', runId];
  expect(await call(...verify)).toEqual([0, 'converge\nreadBack\njudge']);
  const remove = `DELETE FROM ${schemaOf(runId)}.ledger WHERE writer = 0 AND seq = 3`;
  expect((await call('psql', 'pg1', '--lab', runId, '--', '-c', remove))[0]).toBe(0);
  expect(await call(...verify)).toEqual([1, 'converge\nreadBack\njudge']);
  const { lostRanges } = latestResult(reports.folder, 'held');
  expect(lostRanges.map(({ writer, from, to }) => [writer, from, to])).toEqual([[0, 3, 3]]);
  expect(await call('heal', 'held')).toEqual([0, '']);
  const folder = path.join(reports.folder, 'held/latest');
  const kept = readdirSync(folder).filter((name) => name.startsWith('readback'));
  expect(kept).toEqual(['readback-1.json', 'readback-2.json', 'readback.json']);

  run.interrupt();
  await run.done;
  isOver = true;
  const [exitCode, said] = await call(...verify);
  // 3 if another lab is up on this host.
  expect([[3, 4].includes(Number(exitCode)), said]).toEqual([
    true,
    expect.stringMatching(/^no lab is (up|called)/),
  ]);
  expect(readdirSync(folder).filter((name) => name.startsWith('readback'))).toEqual(kept);
});
