import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** A room is a folder of src, a file directly in src, or faults/. Each imports only from the layers below its own. */
const floors: readonly (readonly string[])[] = [
  ['bin'],
  ['cli', 'index', 'vitest'],
  ['api'],
  ['commands'],
  ['conformance', 'matrix', 'selftest'],
  ['suite'],
  ['history', 'verify'],
  ['live', 'run', 'terminal'],
  ['salvage'],
  ['downstream', 'judge', 'load', 'nemesis'],
  ['backends'],
  ['evidence', 'workloads', 'routes'],
  ['reporters', 'checks', 'faults', 'machine', 'patroni', 'scenario'],
  ['pg', 'registry', 'render', 'shells'],
  ['std'],
  ['contracts'],
];
const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
const entries = ['bin.js', 'cli.ts', 'index.ts', 'registry.ts', 'vitest.ts'];

/** The only place that may import each library. */
const homes: Readonly<Record<string, RegExp>> = {
  pg: /^src\/(pg|workloads)\//,
  'pg-logical-replication': /^src\/downstream\//,
  'pg-copy-streams': /^src\/pg\/copy-in\.ts$/,
  execa: /^src\/std\/exec\.ts$/,
  yaml: /^src\/(scenario\/parse|backends\/(docker\/compose-file|kubernetes\/manifest\/render)\.ts)/,
  dockerode: /^src\/(backends|shells)\/docker\//,
  '@kubernetes/client-node': /^src\/(backends|shells)\/kubernetes\//,
  testcontainers: /^src\/backends\/docker\//,
  '@testcontainers/postgresql': /^src\/backends\/docker\//,
  'hdr-histogram-js': /^src\/evidence\/figures\/latency-recorder\.ts$/,
  'prom-client': /^src\/live\/(consumer-)?metrics\.ts$/,
  'log-update': /^src\/terminal\//,
  'slice-ansi': /^src\/terminal\//,
  'tar-stream': /^src\/evidence\/bundle\//,
  uplot: /^src\/render\//,
  'playwright-core': /^test\//,
  commander: /^src\/(cli|commands)/,
  vitest: /^(test\/|src\/vitest\.ts$)/,
};

/** The part of src/evidence that reads databases; the others import contracts only. */
const readsDatabases = 'src/evidence/readback/';
const extensions = /^(faults|src\/(workloads|checks|reporters|backends|shells))\/[^/]+$/;

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

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** Imports between our own files, by both paths. */
const arrows: readonly Arrow[] = imports
  .filter(({ target }) => target.startsWith('.'))
  .map(({ file, target }) => ({
    from: file,
    to: path.relative(root, path.resolve(root, path.dirname(file), target)),
  }));

/** Names in import cycles; empty if there is none. */
function circles(all: readonly Arrow[]): readonly string[] {
  const left = new Set(all.filter(({ from, to }) => from !== to));
  for (;;) {
    const starts = new Set([...left].map(({ from }) => from));
    const ends = new Set([...left].map(({ to }) => to));
    const loose = [...left].filter(({ from, to }) => !starts.has(to) || !ends.has(from));
    if (loose.length === 0) return [...starts].sort();
    for (const arrow of loose) left.delete(arrow);
  }
}

const show = ({ from, to }: Arrow) => `${from} -> ${to}`;

test('only the entry points are directly in src', () => {
  expect(globSync('src/*.{ts,js}', { cwd: root }).sort()).toEqual(
    entries.map((name) => `src/${name}`).sort(),
  );
});

test('no script for the browser has the name of a module beside it: both would be one file of the package', () => {
  const scripts = globSync('{src,faults}/**/*.js', { cwd: root });
  const modules = new Set(globSync('{src,faults}/**/*.ts', { cwd: root }));
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.filter((file) => modules.has(file.replace(/js$/, 'ts')))).toEqual([]);
});

test('every room has a layer', () => {
  const rooms = new Set(sources.map(roomOf));
  expect([...rooms].filter((room) => !floorOf.has(room))).toEqual([]);
});

test('imports go down the layers only', () => {
  const floor = (file: string) => floorOf.get(roomOf(file)) ?? -1;
  const breaches = arrows.filter(
    ({ from, to }) => roomOf(from) !== roomOf(to) && floor(from) >= floor(to),
  );
  expect(breaches.map(show)).toEqual([]);
});

describe('no import cycle', () => {
  test('between files', () => {
    expect(circles(arrows)).toEqual([]);
  });

  test('between the subfolders of a room', () => {
    const inner = (file: string) => path.dirname(file).split('/').slice(0, 3).join('/');
    const between = arrows
      .map(({ from, to }) => ({ from: inner(from), to: inner(to) }))
      // Files directly in a room join its subfolders: each may import the other.
      .filter(({ from, to }) => from.split('/').length === 3 && to.split('/').length === 3);
    expect(circles(between)).toEqual([]);
  });
});

test('in src/evidence only the read-back connects to a server', () => {
  const breaches = arrows.filter(
    ({ from, to }) =>
      from.startsWith('src/evidence/') &&
      to.startsWith('src/pg/') &&
      !from.startsWith(readsDatabases),
  );
  expect(breaches.map(show)).toEqual([]);
});

test('faults and checks import only contracts, units and small helpers', () => {
  const allowed = /^(src\/(contracts|std)\/|faults\/|src\/checks\/)/;
  const breaches = arrows.filter(
    ({ from, to }) => /^(faults|src\/checks)\//.test(from) && !allowed.test(to),
  );
  expect(breaches.map(show)).toEqual([]);
});

test('no extension imports another', () => {
  const breaches = arrows.filter(({ from, to }) => extensions.test(from) && extensions.test(to));
  expect(breaches.map(show)).toEqual([]);
});

test('the runner, the nemesis, the load and the planner import no concrete extension', () => {
  const concrete = /^(faults|src\/(workloads|checks|reporters|backends|shells))\//;
  const breaches = arrows.filter(
    ({ from, to }) => /^src\/(run|nemesis|load|scenario)\//.test(from) && concrete.test(to),
  );
  expect(breaches.map(show)).toEqual([]);
});

test('each library is imported only in its one place', () => {
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

test('only the command line calls process.exit', () => {
  const programs = new Set([
    'src/cli.ts',
    'src/load/worker.ts',
    'src/backends/local/relay.ts',
    'src/downstream/cdc.ts',
  ]);
  const breaches = sources.filter(
    (file) =>
      !programs.has(file) && readFileSync(path.join(root, file), 'utf8').includes('process.exit('),
  );
  expect(breaches).toEqual([]);
});
