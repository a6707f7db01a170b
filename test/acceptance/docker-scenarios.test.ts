import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import local from '../../src/backends/local.ts';
import type { Result } from '../../src/contracts/result.ts';
import { run } from '../../src/std/exec.ts';
import { hasDocker } from '../helpers/docker.ts';

const reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-docker-runs-'));
afterAll(() => rmSync(reports, { recursive: true }));

const cli = path.resolve(import.meta.dirname, '../../src/bin.js');
const timeoutMs = 240_000;
const canRunLocal = (await local.preflight()).every(({ isMissing }) => !isMissing);

/** `forkpoint run` as a user would call it. */
async function runOn(
  backend: string,
  scenario: string,
): Promise<{ readonly exitCode: number; readonly said: string; readonly result: Result }> {
  const argv = [process.execPath, cli, 'run', scenario, '--backend', backend, '--seed', '1'];
  const env = { FORKPOINT_REPORTS: path.join(reports, backend) };
  const { exitCode, stdout, stderr } = await run(argv, { env, timeoutMs });
  const name = path.basename(scenario, '.yaml');
  const file = path.join(reports, backend, name, 'latest', 'result.json');
  const result = JSON.parse(readFileSync(file, 'utf8')) as Result;
  return { exitCode, said: `${stderr}\n${stdout}`, result };
}

/** The result of a run, without the values that differ from run to run. */
function classesOf({ status, lossPattern, failovers, forks, lostRanges, writes }: Result) {
  return {
    status,
    pattern: lossPattern,
    failovers,
    forks: forks.length,
    causes: [...new Set(lostRanges.map(({ cause }) => cause))],
    hasLost: (writes.lost ?? 0) > 0,
    unexpected: writes.unexpected,
    corrupted: writes.corrupted,
    duplicated: writes.duplicated,
  };
}

const proxyCut = `name: proxy-cut
claim: A cut between clients and HAProxy stops the routes through it, and no other.
cluster: { patroni: { ttl: 20, loop_wait: 2, retry_timeout: 9 } }
load:
  rate: 60/s
  duration: 8s
  deadline: 1s
  routes:
    direct: 2
    haproxy: 2
    behind: { via: pgbouncer, pooling: transaction, clients: 2 }
    beside: { via: pgbouncer, leadsTo: pg1, clients: 2 }
faults:
  - { at: 1s, fault: partition, target: haproxy1, from: [clients, proxies], for: 3s }
expect: { lost: 0, unexpected: 0, failovers: 0, replicas: agree }
`;

describe.skipIf(!hasDocker)('on containers', () => {
  test.each([
    'partition-5s',
    'graceful-switchover',
    'sync-partition-no-loss',
    'single-crash-recovery',
    'cdc-source-cut',
  ])(
    '%s loses nothing and passes',
    async (scenario) => {
      const { exitCode, said, result } = await runOn('docker', scenario);
      expect({ exitCode, lost: result.writes.lost }, said).toEqual({ exitCode: 0, lost: 0 });
      expect(result.writes.acknowledged).toBeGreaterThan(1_000);
    },
    timeoutMs,
  );

  test(
    'routes have an HAProxy and PgBouncers in containers of their own, whose packets are cut like those of a node',
    async () => {
      const file = path.join(reports, 'proxy-cut.yaml');
      writeFileSync(file, proxyCut);
      // Each takes half of its time to boot.
      const both = ['docker', ...(canRunLocal ? ['local'] : [])];
      for (const done of await Promise.all(both.map((backend) => runOn(backend, file)))) {
        const { exitCode, said, result } = done;
        expect(exitCode, said).toBe(0);
        const routes = new Map(result.routes?.map((route) => [route.name, route]));
        const outageOf = (name: string) => routes.get(name)?.outageMs ?? 0;
        for (const name of ['haproxy', 'behind']) expect(outageOf(name)).toBeGreaterThan(2_000);
        for (const name of ['direct', 'beside']) {
          expect(outageOf(name)).toBeLessThan(outageOf('haproxy') - 500);
        }
        expect(routes.get('beside')?.what).toMatch(
          /PgBouncer .*, session pooling, in front of pg1/,
        );
      }
      const log = path.join(reports, 'docker/proxy-cut/latest/logs/pgbouncer1/proxy.log');
      expect(readFileSync(log, 'utf8')).toContain('process up: PgBouncer');
    },
    timeoutMs,
  );

  test(
    'async-tail-loss loses a tail past the fork point, on containers as on this host',
    async () => {
      const { exitCode, said, result } = await runOn('docker', 'async-tail-loss');
      expect(exitCode, said).toBe(0);
      const classes = classesOf(result);
      expect(classes).toEqual({
        status: 'pass',
        pattern: { kind: 'tail' },
        failovers: 1,
        forks: 1,
        causes: ['forked'],
        hasLost: true,
        unexpected: 0,
        corrupted: 0,
        duplicated: 0,
      });
      if (!canRunLocal) return;
      const here = await runOn('local', 'async-tail-loss');
      expect(classesOf(here.result), here.said).toEqual(classes);
    },
    2 * timeoutMs,
  );
});
