import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { writeReports } from '../../../../src/evidence/store/write-reports.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { passing } from '../../../helpers/sample-results.ts';

const registry = await loadRegistry();
let reports = '';
beforeEach(() => {
  reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-links-'));
  vi.stubEnv('FORKPOINT_REPORTS', reports);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(reports, { recursive: true });
});

/** The links of report.html, once all reports are written into this folder. */
async function linksOf(folder: string): Promise<readonly string[]> {
  await writeReports(folder, passing, registry);
  const page = readFileSync(path.join(folder, 'report.html'), 'utf8');
  return [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href!);
}

function runWith(files: readonly string[]): string {
  const folder = path.join(reports, 'partition-5s', '20261120T200912Z');
  for (const file of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), 'x');
  }
  return folder;
}

test('a report links only to the page over all runs, its scenario and its files', async () => {
  const files = ['plan.json', 'scenario.yaml', 'lab.json', 'logs/pg1/patroni #1.log'];
  const folder = runWith([...files, 'lost-ranges.jsonl', 'journal/0.bin', 'result.json.1.tmp']);
  writeFileSync(path.join(reports, 'index.html'), 'x');
  const links = await linksOf(folder);
  expect(links.slice(0, 3)).toEqual(['../../index.html', './scenario.yaml', '#files']);
  expect(links.slice(3)).toEqual(
    [
      ...['journal/0.bin', 'junit.xml', 'logs/pg1/patroni%20%231.log', 'lost-ranges.jsonl'],
      ...['plan.json', 'report.html', 'report.md', 'result.json', 'scenario.yaml', 'summary.txt'],
    ].map((name) => `./${name}`),
  );
  const missing = links
    .filter((href) => !href.startsWith('#'))
    .filter((href) => !existsSync(path.join(folder, decodeURIComponent(href))));
  expect(missing).toEqual([]);
});

test('a missing file has no link', async () => {
  expect(await linksOf(runWith(['plan.json']))).not.toContain('./scenario.yaml');
  // Reports of a bundle lie beside it, and no page over all runs is above them.
  writeFileSync(path.join(reports, 'index.html'), 'x');
  expect(await linksOf(path.join(reports, 'bundle.reports'))).not.toContain('../../index.html');
});
