import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadRegistry, loadRegistryForPlans } from '../../src/registry.ts';
import { kinds } from '../../src/registry/kinds.ts';
import { LazyFolder } from '../../src/registry/lazy-folder.ts';
import { loadFolder } from '../../src/registry/load-folder.ts';
import { HarnessBug, ScenarioError } from '../../src/std/errors.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-registry-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const reporter = (fileName: string) =>
  `export default { fileName: '${fileName}', render: () => '' };\n`;

async function put(file: string, text: string): Promise<void> {
  await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
}

function loadOurs() {
  return loadFolder(pathToFileURL(`${folder}/`), kinds.reporters, HarnessBug);
}

/** The error of loading the folder as the user's own. */
async function failure(): Promise<{ readonly isTheirs: boolean; readonly message: string }> {
  try {
    await loadRegistry(folder);
    return { isTheirs: false, message: 'it loads' };
  } catch (error) {
    return { isTheirs: error instanceof ScenarioError, message: String(error) };
  }
}

test('an extension has the name of its file, and files in subfolders are helpers', async () => {
  await put('terminal-summary.ts', reporter('summary.txt'));
  await put('junit.js', reporter('junit.xml'));
  await put('notes.md', 'not code');
  await put('types.d.ts', 'export {};');
  await put('support/escape.ts', 'export const escape = 1;');
  const loaded = await loadOurs();
  expect([...loaded].map(([name, { extension }]) => [name, extension.fileName])).toEqual([
    ['junit', 'junit.xml'],
    ['terminal-summary', 'summary.txt'],
  ]);
});

test.each([
  ['export default { fileName: "x" };', 'is not a reporter: missing `render` (a function)'],
  ['export const other = 1;', 'is not a reporter: missing a default export'],
  ['export default null;', 'is not a reporter: missing a default export that is an object'],
  ['throw new Error("at load");', 'cannot be loaded: at load'],
])('a file that is not an extension is named, with what is missing: %s', async (text, message) => {
  await put('reporters/broken.ts', text);
  const found = await failure();
  expect(found.isTheirs).toBe(true);
  expect(found.message).toContain(`${path.join(folder, 'reporters/broken.ts')}: ${message}`);
});

test('one of our own files that is not an extension is a bug of the harness', async () => {
  await put('broken.ts', 'export const other = 1;');
  await expect(loadOurs()).rejects.toBeInstanceOf(HarnessBug);
});

test('plans load an extension when it is asked for, and find the same ones', async () => {
  const all = await loadRegistry('');
  const lazy = await loadRegistryForPlans();
  for (const kind of ['faults', 'workloads', 'checks', 'shells', 'backends'] as const) {
    expect([...lazy[kind].keys()]).toEqual([...all[kind].keys()]);
    expect([...lazy[kind].values()].map(({ summary }) => summary)).toEqual(
      [...all[kind].values()].map(({ summary }) => summary),
    );
  }
  expect(lazy.workloadUrls).toEqual(all.workloadUrls);
  expect([lazy.faults.get('nothing'), lazy.faults.has('nothing')]).toEqual([undefined, false]);
});

test('a file that is not asked for is not loaded, and one that is no extension is named when it is', async () => {
  await put('good.js', reporter('good.txt'));
  await put('bad.js', 'export const other = 1;');
  const lazy = await LazyFolder.at(pathToFileURL(`${folder}/`), kinds.reporters);
  expect([lazy.size, lazy.get('good')?.fileName]).toEqual([2, 'good.txt']);
  expect(() => lazy.get('bad')).toThrow(
    new HarnessBug(`${path.join(folder, 'bad.js')}: is not a reporter: missing a default export`),
  );
});

test('a fault must declare its targets', () => {
  const { missing } = kinds.faults;
  const fault = {
    summary: '',
    needs: () => [],
    inject: () => null,
    params: { safeParse: () => null },
  };
  expect([missing({ ...fault, targets: 'nodes' }), missing(fault)]).toEqual([
    [],
    ['`targets` (one of nodes, none, any, dcs)'],
  ]);
});

test("the user's extensions are loaded beside the shipped ones, each workload with its module URL", async () => {
  await put('reporters/mine.ts', reporter('mine.txt'));
  await put(
    'workloads/invoices.js',
    `const none = () => { throw new Error('not asked'); };
     export default { summary: 'invoices', tracking: 'rows', params: { safeParse: none }, setup: none, writer: none, table: none };`,
  );
  const { reporters, workloads, workloadUrls } = await loadRegistry(folder);
  expect([...reporters.keys()]).toEqual(expect.arrayContaining(['json', 'mine']));
  expect([...workloads.keys()]).toEqual(expect.arrayContaining(['ledger', 'invoices']));
  expect(workloadUrls.get('invoices')).toBe(
    pathToFileURL(path.join(folder, 'workloads/invoices.js')).href,
  );
});

test.each([
  ['a name that is shipped', 'reporters/json.ts', "a reporter called 'json' is shipped"],
  ['a file that another reporter writes', 'reporters/own.ts', "which the reporter 'json' writes"],
  ['a name that is no word', 'reporters/my report.ts', 'its file name is the name of a reporter'],
])('%s is refused', async (_, file, message) => {
  await put(file, reporter('result.json'));
  const found = await failure();
  expect(found).toEqual({ isTheirs: true, message: expect.stringContaining(message) as string });
});

test('two files with one name are refused', async () => {
  await put('reporters/mine.ts', reporter('a.txt'));
  await put('reporters/mine.js', reporter('b.txt'));
  expect((await failure()).message).toContain('holds mine.js and mine.ts');
});

test('a folder that has no extensions or does not exist is refused', async () => {
  await put('fault/mine.ts', '');
  expect((await failure()).message).toContain('has none of the folders faults/, workloads/');
  folder = path.join(folder, 'nowhere');
  expect((await failure()).message).toContain('nowhere: cannot be read');
});

test('every shipped extension has the shape of its kind', async () => {
  const { faults, checks, shells } = await loadRegistry('');
  expect([...faults.keys()]).toEqual(expect.arrayContaining(['noop', 'partition', 'switchover']));
  expect([...checks.keys()]).toEqual(expect.arrayContaining(['lost', 'outage', 'replicas']));
  expect([...shells.keys()]).toEqual(expect.arrayContaining(['docker', 'local', 'nsenter']));
});
