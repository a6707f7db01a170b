import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-local-only-'));
afterAll(() => rmSync(reports, { recursive: true }));

const scenario = path.join(reports, 'cancelled.yaml');
writeFileSync(
  scenario,
  `name: cancelled
claim: A commit whose wait for the standby is cancelled is no plain acknowledgement.
cluster: { nodes: 3, synchronous: strict, patroni: { ttl: 30, loop_wait: 5, retry_timeout: 10 } }
load: { clients: 4, rate: 100/s, duration: 12s, mix: { insert: 100 }, deadline: 10s }
faults:
  - { at: 4s, fault: partition, target: leader, from: peers, service: postgres, for: 4s }
expect: { lost: 0, failovers: 0 }
`,
);
// An ordinary wait lasts a millisecond and may be over before the cancel arrives; a wait of half a second is caused by the cut.
const cancelWaits = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
  WHERE wait_event = 'SyncRep' AND clock_timestamp() - query_start > interval '500 ms'`;

test('a COMMIT with the warning that its wait for the standby was cancelled is localOnly', async () => {
  const run = startCli(['run', scenario], { reports });
  await run.untilStderr(' load');
  const ended = new AbortController();
  const done = run.done.finally(() => ended.abort());
  let cancelled = 0;
  while (!ended.signal.aborted && cancelled === 0) {
    // pg1 is the leader of every fresh lab.
    const args = ['psql', 'pg1', '--', '-Atc', cancelWaits];
    const { stdout } = await runCli(args, { reports });
    cancelled = stdout.split('\n').filter((line) => line === 't').length;
  }
  const { exitCode, stdout } = await done;
  const { writes } = latestResult(reports, 'cancelled');
  expect(cancelled, stdout).toBeGreaterThan(0);
  expect(writes.localOnly).toBeGreaterThan(0);
  expect({ exitCode, lost: writes.lost, lostLocalOnly: writes.lostLocalOnly }).toEqual({
    exitCode: 0,
    lost: 0,
    lostLocalOnly: 0,
  });
});
