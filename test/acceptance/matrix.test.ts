import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { MatrixResult } from '../../src/contracts/matrix.ts';
import { runCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

/** It demands an impossible loss, which the matrix must ignore. */
const scenario = `
name: quiet
claim: Nothing happens.
cluster: { patroni: { ttl: 20, loop_wait: 1, retry_timeout: 5 } }
load: { clients: 2, rate: 100/s, duration: 3s }
expect: { lost: ">= 1" }
`;

test('a matrix judges each cell by its own promise, and continues after a cell that cannot run', async () => {
  using reports = temporaryReports();
  const file = path.join(reports.folder, 'quiet.yaml');
  writeFileSync(file, scenario);
  const args = ['matrix', file, '--over', 'synchronous=quorum,off', '--jobs', '1'];
  // Debian 12's Patroni has no quorum mode; with a later Patroni that cell holds, too.
  const { exitCode, stdout } = await runCli(args, { reports: reports.folder });
  const folder = path.join(reports.folder, 'matrix', 'quiet', 'latest');
  const result = JSON.parse(readFileSync(path.join(folder, 'matrix.json'), 'utf8')) as MatrixResult;
  const [quorum, off] = result.cells;
  expect([off?.status, off?.promise?.text, off?.observed?.lost]).toEqual([
    ...['held', 'up to 1MB + 20s of writes', 0],
  ]);
  const isPossible = quorum?.status !== 'impossible';
  expect([exitCode, quorum?.status]).toEqual(isPossible ? [0, 'held'] : [4, 'impossible']);
  if (!isPossible) expect(quorum.reason).toMatch(/^synchronous: quorum needs Patroni 4\.0/);
  const markdown = readFileSync(path.join(folder, 'matrix.md'), 'utf8');
  expect(stdout).toContain(markdown);
});
