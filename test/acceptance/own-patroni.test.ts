import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ClusterSettings } from '../../src/contracts/durability.ts';
import { run } from '../../src/std/exec.ts';
import { latestResult, startCli } from '../helpers/cli.ts';
import { tellingUntil } from '../helpers/secrets.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-own-'));
afterAll(() => rmSync(folder, { recursive: true }));

const example = path.resolve(import.meta.dirname, '../../docs/examples/own-patroni');
const secret = 'correct-horse-battery';
test('a lab runs a patroni.yml as it is written: tags decide who leads, and every member shows what was asked', async () => {
  const file = path.join(example, 'own-patroni.yaml');
  const reports = path.join(folder, 'reports');
  const child = startCli(['run', file], { reports });
  // Patroni, and what it starts: initdb, pg_basebackup, pg_rewind, postgres.
  const telling = await tellingUntil(child.done, [Buffer.from(secret)]);
  expect(telling).toEqual([]);
  const { exitCode, stderr, stdout } = await child.done;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) as string });
  expect(stderr).toContain('patroni.yml:20: bootstrap.dcs.postgresql.parameters.archive_command');

  const result = latestResult(reports, 'own-patroni');
  expect(result.problems).toEqual([]);
  expect(result.leaderChanges?.map(({ node }) => node)).toEqual(['pg3']);
  expect(result.durability?.notInForce).toEqual([]);
  const replaced = result.configuration?.replaced ?? [];
  expect(replaced.map(({ key, instead }) => [key, instead])).toContainEqual([
    'postgresql.pg_hba[0]',
    'host replication standby all md5',
  ]);

  const latest = path.join(reports, 'own-patroni', 'latest');
  const text = readFileSync(path.join(latest, 'settings.json'), 'utf8');
  const { members, own } = JSON.parse(text) as ClusterSettings;
  expect(own).toMatchObject({ differences: [], problems: [] });
  expect(members.map(({ parameters }) => parameters.work_mem)).toEqual(['4MB', '7MB', '4MB']);
  expect(members.map(({ parameters }) => parameters.max_connections)).toEqual([
    '120',
    '120',
    '120',
  ]);

  const found = await run(['grep', '-rl', secret, latest]);
  expect({ files: found.stdout, said: `${stdout}${stderr}`.includes(secret) }).toEqual({
    files: '',
    said: false,
  });
});
