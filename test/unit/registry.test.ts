import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HarnessBug } from '../../src/std/errors.ts';
import { isFault, isReporter, loadExtensions, loadRegistry } from '../../src/registry.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-registry-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const reporter = (fileName: string) =>
  `export default { fileName: '${fileName}', render: () => '' };\n`;

async function loadReporters() {
  return loadExtensions(pathToFileURL(`${folder}/`), isReporter);
}

test('an extension is called by the name of its file, and helpers in folders are none', async () => {
  await writeFile(path.join(folder, 'terminal-summary.ts'), reporter('summary.txt'));
  await writeFile(path.join(folder, 'junit.js'), reporter('junit.xml'));
  await writeFile(path.join(folder, 'notes.md'), 'not code');
  await writeFile(path.join(folder, 'types.d.ts'), 'export {};');
  await mkdir(path.join(folder, 'support'));
  await writeFile(path.join(folder, 'support', 'escape.ts'), 'export const escape = 1;');
  const loaded = await loadReporters();
  expect([...loaded].map(([name, { fileName }]) => [name, fileName])).toEqual([
    ['junit', 'junit.xml'],
    ['terminal-summary', 'summary.txt'],
  ]);
});

test.each([
  [
    'export default { fileName: "x" };',
    /broken\.ts: its default export is not .*isReporter says no/,
  ],
  ['export const other = 1;', /broken\.ts: its default export is not .*it has none/],
  ['export default null;', /broken\.ts: its default export is not/],
  ['throw new Error("at load");', /broken\.ts: cannot be loaded: at load/],
])('a file that is no extension is named: %s', async (text, message) => {
  await writeFile(path.join(folder, 'broken.ts'), text);
  const failure = await loadReporters().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(HarnessBug);
  expect(String(failure)).toMatch(message);
});

test('a fault without a word on its targets is no fault', () => {
  const fault = {
    summary: '',
    needs: () => [],
    inject: () => null,
    params: { safeParse: () => null },
  };
  expect([isFault({ ...fault, targets: 'nodes' }), isFault(fault)]).toEqual([true, false]);
});

test('everything shipped has the shape of its kind', async () => {
  const { faults, checks } = await loadRegistry();
  expect([...faults.keys()]).toEqual(expect.arrayContaining(['noop', 'partition', 'switchover']));
  expect([...checks.keys()]).toEqual(expect.arrayContaining(['lost', 'outage', 'replicas']));
});
