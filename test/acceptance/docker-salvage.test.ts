import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import docker from '../../src/backends/docker.ts';
import { besideFilter } from '../../src/backends/docker/labels.ts';
import { readEvidence } from '../../src/evidence/forensics/read-evidence.ts';
import type { SalvageSummary } from '../../src/contracts/salvage.ts';
import { connect } from '../../src/pg/connect.ts';
import { receive } from '../../src/run/evidence/receive.ts';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { lostWrites } from '../../src/std/units/lost-writes.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { bootDocker, hasDocker, isRootOnLinux } from '../helpers/docker.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import {
  dumpArguments,
  dumpedTransactions,
  readTransactionsOf,
  writeTransactions,
} from '../helpers/wal-transactions.ts';

/** Containers that serve a copy, of whichever process. */
async function servingCopies(): Promise<readonly string[]> {
  const found = await openEngine().listContainers({ all: true, filters: besideFilter });
  return found.map(({ Names: [name = ''] }) => name);
}

describe.skipIf(!hasDocker)('of a run on containers, whose PostgreSQL this host has not', () => {
  test(
    'every lost row comes back by a container of its image, which ends with the salvage or with `clean`',
    { timeout: 400_000 },
    async () => {
      using reports = temporaryReports();
      const call = (...args: readonly string[]) => runCli(args, { reports: reports.folder });
      const { exitCode, stderr } = await call('run', 'async-tail-loss', '--backend', 'docker');
      expect(exitCode, stderr).toBe(0);
      const folder = path.join(reports.folder, 'async-tail-loss/latest/evidence');
      const summary = () =>
        JSON.parse(readFileSync(path.join(folder, 'salvage.json'), 'utf8')) as SalvageSummary;
      const lost = lostWrites(latestResult(reports.folder, 'async-tail-loss').writes)!;
      expect(lost).toBeGreaterThan(0);
      const whole = {
        lost,
        salvaged: lost,
        notAsSent: 0,
        conflicts: { absent: lost },
        problems: [],
        readIn: [expect.stringMatching(/^a container of /)],
      };
      expect(summary()).toMatchObject(whole);
      expect(await servingCopies()).toEqual([]);

      // What a killed process leaves of its own folder goes with this one.
      const env = { TMPDIR: reports.folder };
      const killed = startCli(['salvage', 'async-tail-loss'], { reports: reports.folder, env });
      const isServed = async () => (await servingCopies()).length === 1;
      await waitUntil('a container serves the copy', isServed, { timeoutMs: 30_000 });
      expect((await call('clean')).stdout).not.toContain('salvage');
      killed.kill();
      await killed.done;
      expect((await docker.live!()).filter(({ id }) => id.includes('salvage'))).toEqual([]);
      expect((await call('clean')).stdout).toMatch(/salvage-[0-9a-f]{8}/);
      expect(await servingCopies()).toEqual([]);

      const again = await call('salvage', 'async-tail-loss');
      expect(again.exitCode).toBe(0);
      expect(again.stdout).toContain(`${lost} of ${lost} lost writes were salvaged in a container`);
      expect(summary()).toMatchObject(whole);
    },
  );

  test.skipIf(!isRootOnLinux)(
    'with `hold: rejoin` what the old primary acknowledged after the first copy comes back, too',
    { timeout: 300_000 },
    async () => {
      using reports = temporaryReports();
      const scenario = readFileSync('scenarios/frozen-patroni.yaml', 'utf8');
      const file = path.join(reports.folder, 'frozen-held.yaml');
      writeFileSync(
        file,
        `${scenario.replace('name: frozen-patroni', 'name: frozen-held')}\nhold: rejoin\n`,
      );
      const call = ['run', file, '--backend', 'docker'];
      const { exitCode, stderr } = await runCli(call, { reports: reports.folder });
      expect(exitCode, stderr).toBe(0);
      const folder = path.join(reports.folder, 'frozen-held/latest');
      const summary = readFileSync(path.join(folder, 'evidence/salvage.json'), 'utf8');
      const lost = lostWrites(latestResult(reports.folder, 'frozen-held').writes)!;
      expect(lost).toBeGreaterThan(0);
      expect(JSON.parse(summary)).toMatchObject({ lost, salvaged: lost, problems: [] });
      expect((await readEvidence(folder)).length).toBeGreaterThan(1);
    },
  );

  test('WAL is read here as its own pg_waldump prints it', { timeout: 120_000 }, async () => {
    const parameters = { autovacuum: 'off', max_prepared_transactions: '5', wal_keep_size: '1GB' };
    await using cluster = await bootDocker({ nodes: 1, parameters });
    const [node] = cluster.nodes;
    const { shell } = node!;
    const options = { connectTimeoutMs: 5_000 };
    await using session = await connect(node!.observer, cluster.credentials, options);
    await writeTransactions(session);
    const [at] = await session.rows<{ folder: string; version: string }>(
      `SELECT current_setting('data_directory') || '/pg_wal' AS folder, current_setting('server_version') AS version`,
    );
    const { folder = '', version = '' } = at ?? {};
    expect(version).toMatch(/^17\./);
    const into = mkdtempSync(path.join(tmpdir(), 'forkpoint-wal-'));
    try {
      const tar = ['tar', '-C', `${folder}/.`, '-czf', '-', '.'];
      await receive(shell!, tar, { into, timeoutMs: 30_000, mostBytes: 2 ** 30 });
      const { stdout } = await shell!.run([
        ...['pg_waldump', '-p', folder, ...(await dumpArguments(into))],
      ]);
      const found = await readTransactionsOf(into);
      expect(found).toEqual(dumpedTransactions(stdout));
      expect(found.length).toBeGreaterThan(45);
    } finally {
      rmSync(into, { recursive: true });
    }
  });
});
