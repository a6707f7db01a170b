import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EnvironmentError } from '../../../src/std/errors.ts';
import { saveBaseline } from '../../../src/history/baseline.ts';
import { writeIndex } from '../../../src/history/write-index.ts';

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'forkpoint-write-index-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

const baseline = { schemaVersion: 1, name: 'x', savedAt: '', from: '', runs: [] } as const;

test.each([
  ['index.html', '.', (reports: string) => writeIndex(reports, { runs: [], skipped: [] })],
  ['x.json', 'baselines', (reports: string) => saveBaseline(reports, baseline)],
])('a %s that cannot be written leaves no partial file', async (name, at, write) => {
  const reports = folder();
  // What prevents the last step, as a full disk prevents the first.
  mkdirSync(path.join(reports, at, name, 'in-the-way'), { recursive: true });
  await expect(write(reports)).rejects.toThrow(EnvironmentError);
  expect(readdirSync(path.join(reports, at))).toEqual([name]);
});

test('the page leads to every suite and matrix that has a page, and to no other', async () => {
  const reports = folder();
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(reports, file)), { recursive: true });
    writeFileSync(path.join(reports, file), text);
  };
  const startedAt = '2026-11-20T20:09:12.000Z';
  const suite = 'suites/nightly/20261120T200912Z';
  put(`${suite}/suite.json`, JSON.stringify({ startedAt, entries: [{ status: 'pass' }] }));
  put(`${suite}/suite.html`, 'x');
  const cells = [{ status: 'held' }, { status: 'held' }, { status: 'broken' }];
  put('matrix/x/20261121T000000Z/matrix.json', JSON.stringify({ startedAt, cells }));
  put('matrix/x/20261121T000000Z/matrix.html', 'x');
  put('matrix/x/20261122T000000Z/matrix.html', 'x');
  put('suites/nightly/20261119T000000Z/suite.json', JSON.stringify({ startedAt, entries: [] }));
  const page = readFileSync(await writeIndex(reports, { runs: [], skipped: [] }), 'utf8');
  const hrefs = [...page.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
  expect(hrefs).toEqual(['./matrix/x/20261121T000000Z/matrix.html', `./${suite}/suite.html`]);
  expect(page).toContain('2 held, 1 broken');
});
