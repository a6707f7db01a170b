import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SalvageSummary } from '../../src/contracts/salvage.ts';
import { readEvidence } from '../../src/evidence/forensics/read-evidence.ts';
import { lostWrites } from '../../src/std/units/lost-writes.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, runCli, startCli } from '../helpers/cli.ts';
import { hasDocker } from '../helpers/docker.ts';
import { untilWriting } from '../helpers/load-seconds.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { type SshCluster, type SshNode, startSshCluster } from '../helpers/ssh-cluster.ts';

const psql = 'psql -XAtqU postgres -h /var/run/postgresql -c';
const rewind = '/usr/lib/postgresql/17/bin/pg_rewind';
const load = ['--clients', '2', '--rate', '50/s'];

describe.skipIf(!hasDocker)('a watch that holds rejoins on a cluster that is not ours', () => {
  const reports = temporaryReports();
  let cluster: SshCluster;
  const owned = ownedBySuite();
  owned.use(reports);
  beforeAll(async () => {
    cluster = owned.use(await startSshCluster({ isMachine: true }));
    // As an operator who wants a crashed leader to be replaced at once.
    await cluster.configure({ ttl: 20, loop_wait: 2, retry_timeout: 5, primary_start_timeout: 0 });
  }, 900_000);

  /** What is left of a hold, by node; empty: nothing is. */
  const held = async (): Promise<Readonly<Record<string, string>>> => {
    const look = `ls -d /run/forkpoint-rewind 2>/dev/null; grep forkpoint /proc/self/mountinfo; true`;
    const found = cluster.nodes.map(
      async (node) => [node.name, await cluster.inside(node, look)] as const,
    );
    return Object.fromEntries((await Promise.all(found)).filter(([, said]) => said !== ''));
  };
  const primary = async (): Promise<SshNode | undefined> => {
    for (const node of cluster.nodes) {
      const said = await cluster.inside(node, `${psql} 'SELECT pg_is_in_recovery()' || true`);
      if (said.trim() === 'f') return node;
    }
    return undefined;
  };
  const isStreaming = async (node: SshNode) => {
    const query = `${psql} "SELECT status FROM pg_stat_wal_receiver" || true`;
    return (await cluster.inside(node, query)).trim() === 'streaming';
  };
  const started = async (file: string) => {
    const options = { reports: reports.folder };
    const watching = startCli(['watch', '--cluster', file, '--hold-rejoin', ...load], options);
    await watching.untilStderr('Ctrl-C ends the load');
    await untilWriting(reports.folder, 'watch');
    return watching;
  };
  const allowed = () => cluster.write('hold.yaml', { consent: ['rewind', 'shell'] });

  test('is refused without consent, and without a file that names machines', async () => {
    const call = (...args: readonly string[]) =>
      runCli(['watch', '--hold-rejoin', ...args], { reports: reports.folder });
    const file = cluster.write('mute.yaml', { consent: ['network'] });
    const [mute, nameless] = await Promise.all([
      call('--cluster', file),
      call('--dsn', 'host=pg1'),
    ]);
    expect(mute.exitCode).toBe(3);
    expect(mute.stderr).toContain('--hold-rejoin: pg_rewind: its cluster file does not allow it');
    expect(mute.stderr).toContain('add rewind to consent');
    expect(mute.stderr).toContain('add shell to consent');
    expect([nameless.exitCode, nameless.stderr]).toEqual([
      3,
      expect.stringContaining('give --cluster FILE') as string,
    ]);
    expect(await held()).toEqual({});
  });

  test(
    'an old primary is rewound only after evidence of it was taken, all that was lost is salvaged, and nothing of the hold stays',
    { timeout: 300_000 },
    async () => {
      const watching = await started(allowed());
      const old = (await primary())!;
      const others = cluster.nodes.filter((node) => node !== old);
      // What works on no data directory does not wait.
      await cluster.inside(old, `timeout 3 ${rewind} --help`);
      const cut = others.map(
        ({ address }) =>
          `iptables -I OUTPUT -d ${address} -p tcp --sport 5432 -j DROP; iptables -I INPUT -s ${address} -p tcp --dport 5432 -j DROP`,
      );
      await cluster.inside(old, cut.join('; '));
      await sleep(1_500);
      await cluster.inside(old, 'pkill -9 -x postgres');
      const isReplaced = async () => (await primary())?.name !== old.name && (await primary());
      await waitUntil('another node is primary', isReplaced, { timeoutMs: 60_000, everyMs: 500 });
      // Not before: the kernel would send on what the server had sent last.
      await cluster.inside(old, 'iptables -F');
      const hasRejoined = () => isStreaming(old);
      await waitUntil('the old primary streams', hasRejoined, { timeoutMs: 120_000, everyMs: 500 });
      watching.interrupt();
      const ended = await watching.done;
      const result = latestResult(reports.folder, 'watch');
      const lost = lostWrites(result.writes)!;
      expect(lost, ended.stderr).toBeGreaterThan(0);
      const folder = path.join(reports.folder, 'watch/latest');
      const taken = await readEvidence(folder);
      expect(taken.map(({ copyBytes }) => copyBytes !== null)).toContain(true);
      const file = path.join(folder, 'evidence/salvage.json');
      const summary = JSON.parse(readFileSync(file, 'utf8')) as SalvageSummary;
      expect(summary, ended.stderr).toMatchObject({ lost, salvaged: lost, problems: [] });
      const log = await cluster.inside(old, 'cat /var/log/patroni.log');
      const [, day, time] = /(\S+) (\S+),\d+ INFO: pg_rewind exit code=0/.exec(log) ?? [];
      const takenMs = statSync(path.join(folder, 'evidence/evidence.json')).mtimeMs;
      expect(Date.parse(`${day}T${time}Z`)).toBeGreaterThan(takenMs - 1_000);
      expect(await held()).toEqual({});
    },
  );

  test(
    'a hold ends within seconds when the watch is killed, and what waited goes on',
    { timeout: 120_000 },
    async () => {
      const watching = await started(allowed());
      expect(Object.keys(await held())).toEqual(['pg1', 'pg2', 'pg3']);
      const [node] = cluster.nodes;
      // The program itself ends at once, for it is not for root.
      const waiting = cluster.inside(
        node!,
        `date +%s; ${rewind} -D /tmp/none --source-server=x 2>&1 | tail -n 1; date +%s`,
      );
      await sleep(3_000);
      watching.kill();
      await watching.done;
      const isGone = async () => Object.keys(await held()).length === 0;
      await waitUntil('nothing is held', isGone, { timeoutMs: 15_000, everyMs: 200 });
      const [from = '', said, to = ''] = (await waiting).trim().split('\n');
      expect(said).toMatch(/^pg_rewind: /);
      expect(Number(to) - Number(from)).toBeGreaterThanOrEqual(2);
      expect(Number(to) - Number(from)).toBeLessThan(20);
      await runCli(['clean', '--cluster', allowed()], { reports: reports.folder });
    },
  );
});
