import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../src/contracts/result.ts';
import { latestResult, runCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

/** A minute of load, and a boot on a busy machine. */
const timeoutMs = 400_000;
const { folder: reports } = ownedBySuite().use(temporaryReports());

const undone = ({ writes }: Result) => [writes.lost, writes.indeterminate, writes.failed];

test.each(['switchover-behind-paused-pool', 'switchover-behind-drained-proxy'])(
  '%s costs no write, no error and no unknown outcome',
  async (name) => {
    const { exitCode, stderr } = await runCli(['run', name], { reports });
    const result = latestResult(reports, name);
    expect([exitCode, result.status], stderr).toEqual([0, 'pass']);
    expect(undone(result)).toEqual([0, 0, 0]);
    expect(result.writes.acknowledged).toBeGreaterThan(1_000);
    expect(result.leaderChanges?.map(({ how }) => how)).toEqual(['asked']);
  },
  timeoutMs,
);

test(
  'the same switchover without a pause breaks what the pause promises',
  async () => {
    const file = path.join(reports, 'unpaused.yaml');
    writeFileSync(
      file,
      `name: unpaused
claim: A switchover behind a PgBouncer costs no error.
cluster: { nodes: 3, patroni: { ttl: 30, loop_wait: 2, retry_timeout: 10 } }
load: { clients: 8, rate: 200/s, duration: 40s, deadline: 20s, route: { via: pgbouncer, pooling: transaction } }
faults: [{ at: 8s, fault: switchover }]
expect: { lost: 0, errorRate: 0%, indeterminate: 0 }
`,
    );
    const { exitCode, stdout } = await runCli(['run', file], { reports });
    expect(exitCode, stdout).toBe(1);
    const { checks } = latestResult(reports, 'unpaused');
    const failed = checks.filter(({ status }) => status === 'fail').map(({ check }) => check);
    expect(failed).toContain('errorRate');
  },
  timeoutMs,
);
