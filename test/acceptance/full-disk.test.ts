import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-full-'));
afterAll(() => rmSync(folder, { recursive: true }));

const scenario = path.join(folder, 'full.yaml');
writeFileSync(
  scenario,
  `name: full
claim: What is on no disk is told all the same.
cluster: { nodes: 1 }
load: { clients: 4, rate: 400/s, duration: 5s }
expect: { lost: 0 }
`,
);

/** A reports folder of limited size, in a mount namespace of the command's own. */
async function runIn(size: string) {
  const reports = path.join(folder, size);
  await mkdir(reports);
  const mount = `mount -t tmpfs -o size=${size} tmpfs ${reports} && exec "$@"`;
  const prefix = ['unshare', '-m', 'sh', '-c', mount, 'sh'];
  return runCli(['run', scenario], { reports, prefix });
}

describe('a disk that fills while a run is written', () => {
  test.each([
    ['before there is a load', '20k', undefined, /cannot write \S+\/lab\.json: ENOSPC/],
    ['with the journals', '64k', 'UNKNOWN', /cannot write journal journal\/0\.bin: ENOSPC/],
    ['with the reports', '280k', 'PASS', /cannot write \S+\/report\.html: ENOSPC.*\n$/],
  ])(
    '%s: the reason is printed, with the result where there was a load, and the exit code is 4',
    async (_, size, verdict, said) => {
      const { exitCode, stdout, stderr } = await runIn(size);
      expect(stdout.includes('Data Loss Report\n')).toBe(verdict !== undefined);
      expect(stdout).toContain(verdict === undefined ? '' : `Verdict: ${verdict}`);
      expect(`${stdout}${stderr}`).toMatch(said);
      expect(stderr).toMatch(/ENOSPC: no space left on device.*\n$/);
      expect(stderr).not.toMatch(/^ {4}at |bug in Forkpoint/m);
      expect(exitCode).toBe(4);
    },
  );
});
