import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const floor = ['own-module', 'errors', 'plain', 'wait', 'exec', 'random', 'units', 'contracts'];

/** Room -> rooms it may import. A room is a folder of src, a file directly in src, or a top folder. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  errors: [],
  plain: [],
  'own-module': [],
  wait: ['errors'],
  exec: ['errors', 'contracts'],
  random: [],
  units: ['errors', 'contracts'],
  registry: floor,
  targets: floor,
  'make-folders': floor,
  paths: [...floor, 'make-folders'],
  suite: [...floor, 'job-pool', 'paths', 'nightly', 'reporters', 'read-result', 'write-whole'],
  nightly: [...floor, 'read-result', 'reporters', 'make-folders', 'write-whole'],
  'job-pool': floor,
  'workload-context': floor,
  scenario: floor,
  pg: floor,
  patroni: [...floor, 'pg'],
  checks: floor,
  reporters: floor,
  faults: floor,
  workloads: [...floor, 'pg'],
  evidence: floor,
  backends: [...floor, 'pg', 'patroni', 'paths'],
  load: [...floor, 'pg', 'evidence', 'workloads', 'registry', 'workload-context'],
  undo: floor,
  'heal-leftovers': [...floor, 'undo', 'evidence'],
  nemesis: [...floor, 'registry', 'targets', 'undo'],
  converge: [...floor, 'pg'],
  live: [...floor, 'scenario', 'reporters'],
  watcher: [...floor, 'pg'],
  matrix: [...floor, 'scenario', 'pg', 'paths', 'job-pool', 'suite', 'write-whole'],
  durability: floor,
  'read-settings': [...floor, 'pg', 'patroni'],
  stored: [...floor, 'evidence'],
  measure: [...floor, 'evidence', 'load', 'pg', 'durability', 'scenario', 'stored'],
  judge: [...floor, 'evidence', 'measure', 'paths', 'stored'],
  'temporary-folder': floor,
  bundle: [...floor, 'temporary-folder', 'paths', 'stored', 'evidence'],
  seed: [...floor, 'pg', 'workload-context'],
  'read-run': [...floor, 'pg', 'evidence', 'converge', 'workload-context', 'write-whole'],
  'write-whole': floor,
  'write-reports': [...floor, 'write-whole', 'make-folders'],
  'same-outcome': floor,
  'result-schema': floor,
  'read-result': [...floor, 'result-schema', 'stored'],
  github: [...floor, 'reporters'],
  // What people import: forkpoint/vitest.
  matchers: [...floor, 'reporters'],
  vitest: ['matchers'],
  verify: [
    ...[...floor, 'registry', 'pg', 'patroni', 'evidence', 'workload-context'],
    ...['judge', 'stored', 'converge', 'read-run', 'heal-leftovers'],
  ],
};
/** These of the evidence room read databases; the others know contracts only. */
const evidenceReaders = /^(read-[a-z]+|retry|amcheck|forensics)\.ts$/;
/** The top of the house may use every room. */
const top = new Set(['bin', 'cli', 'run', 'commands', 'index', 'library', 'selftest']);
/** Where each library lives. */
const homes: Readonly<Record<string, RegExp>> = {
  pg: /^src\/(pg|workloads)\//,
  execa: /^src\/exec\.ts$/,
  yaml: /^src\/(scenario\/parse|backends\/docker\/compose-file\.ts)/,
  dockerode: /^src\/backends\/docker\//,
  testcontainers: /^src\/backends\/docker\//,
  '@testcontainers/postgresql': /^src\/backends\/docker\//,
  'hdr-histogram-js': /^src\/load\/latency\.ts$/,
  'log-update': /^src\/live\//,
  'slice-ansi': /^src\/live\//,
  'tar-stream': /^src\/bundle\//,
  uplot: /^src\/reporters\/html\//,
  'playwright-core': /^test\//,
  commander: /^src\/(cli|commands)/,
  vitest: /^(test\/|src\/vitest\.ts$)/,
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
}

const sources = globSync(['src/**/*.ts', 'faults/**/*.ts'], { cwd: root });
const imports: readonly Import[] = sources.flatMap((file) => {
  const text = readFileSync(path.join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)'/gms);
  const dynamic = text.matchAll(/import\(\s*'([^']+)'\s*\)/g);
  return [
    ...[...statements].map(([, type, target]) => ({
      file,
      target: target ?? '',
      isTypeOnly: type !== undefined,
    })),
    ...[...dynamic].map(([, target]) => ({ file, target: target ?? '', isTypeOnly: false })),
  ];
});

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'src' ? second.replace(/\.ts$/, '') : first;
}

function internal(): { file: string; from: string; to: string; target: string }[] {
  return imports
    .filter(({ target }) => target.startsWith('.'))
    .map(({ file, target }) => {
      const resolved = path.relative(root, path.resolve(root, path.dirname(file), target));
      return { file, from: roomOf(file), to: roomOf(resolved), target: resolved };
    });
}

test('every room imports only the rooms below it', () => {
  const breaches = internal().filter(({ file, from, to }) => {
    if (from === to || top.has(from)) return false;
    if (from === 'evidence' && to === 'pg') return !evidenceReaders.test(path.basename(file));
    return mayImport[from]?.includes(to) !== true;
  });
  expect(breaches).toEqual([]);
});

test('no extension imports another', () => {
  const folders = ['faults/', 'src/workloads/', 'src/checks/', 'src/reporters/', 'src/backends/'];
  const isExtension = (file: string) =>
    folders.some((folder) => file.startsWith(folder) && !file.slice(folder.length).includes('/'));
  const breaches = internal().filter(
    ({ file, target }) => isExtension(file) && isExtension(target),
  );
  expect(breaches).toEqual([]);
});

test('the runner and the nemesis know no concrete extension', () => {
  const concrete = /^(faults|src\/(workloads|checks|reporters|backends))\//;
  const breaches = internal().filter(
    ({ file, target }) => /^src\/(run|nemesis)\.ts$/.test(file) && concrete.test(target),
  );
  expect(breaches).toEqual([]);
});

test('each library is imported only in its home', () => {
  const breaches = imports.filter(({ file, target }) => {
    const home = homes[target];
    return home !== undefined && !home.test(file);
  });
  expect(breaches).toEqual([]);
});

test('contracts are types only', () => {
  const breaches = imports.filter(
    ({ file, isTypeOnly }) => file.startsWith('src/contracts/') && !isTypeOnly,
  );
  expect(breaches).toEqual([]);
});

test('only the command line ends the process', () => {
  const workersOwn = new Set(['src/cli.ts', 'src/load/worker.ts', 'src/backends/local/relay.ts']);
  const breaches = sources.filter(
    (file) =>
      !workersOwn.has(file) &&
      readFileSync(path.join(root, file), 'utf8').includes('process.exit('),
  );
  expect(breaches).toEqual([]);
});
