import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const units = globSync('test/{unit,conformance}/**/*.test.ts', { cwd: import.meta.dirname });
const startsServer = (file: string): boolean =>
  readFileSync(new URL(file, import.meta.url), 'utf8').includes('/helpers/postgres.ts');
const host = './test/setup/host.ts';

/** What a change must not break: a run from boot to verdict, a loss, a harness that dies, the checker's own test. */
const mainPath = named(...['local-lab', 'run', 'tail-loss', 'staged-loss', 'verify', 'selftest']);

/**
 * What takes minutes to show what seldom breaks. CI has an hour for everything, and on a machine that is too busy Patroni itself
 * fails over where no test asked for it: these are left to `npm run test:full`, which the nightly workflow runs.
 */
const inDetail = named(
  ...['ci', 'connection-faults', 'dcs-faults', 'disk-faults', 'full-disk', 'harness-trouble'],
  ...[
    'consumer-drain',
    'evidence-cost',
    'external-downstream',
    'load-command',
    'local-leftovers',
    'local-only',
    'lost-fsync',
    'matrix',
    'names-and-certificates',
    'nightly',
  ],
  ...['process-faults', 'proxy-faults', 'routes', 'sql-faults', 'standby-cluster'],
);
const onContainersInDetail = named(
  ...[
    'docker-compose',
    'docker-controls',
    'docker-disk',
    'docker-disk-faults',
    'docker-leftovers',
    'docker-limits',
  ],
  ...[
    'docker-salvage',
    'docker-shaping',
    'docker-start-cluster',
    'docker-verify',
    'docker-watch-hold',
  ],
);

/** What needs a Docker engine. */
const onContainers = 'test/acceptance/docker-*.test.ts';

/** What needs an API server, and a way to pods' addresses. */
const onKubernetes = 'test/acceptance/kubernetes-*.test.ts';
/** What keeps pods of other tests from the Kubernetes node, by a cordon or a drain; or has no room beside their requests. */
const onKubernetesAlone = named(
  ...['kubernetes-drain-all', 'kubernetes-faults', 'kubernetes-own-pod'],
);

/** Projects run one after the other in this order, and so many files of each at a time. */
const inTurn = (groupOrder: number, maxWorkers: number | string) => ({
  maxWorkers,
  sequence: { groupOrder },
});

const projects: readonly NonNullable<TestProjectInlineConfiguration['test']>[] = [
  // Loading the code costs more than most of these tests: each worker loads it once, for all of its files. Many wait for programs.
  {
    name: 'unit',
    include: units.filter((file) => !startsServer(file)),
    isolate: false,
    ...inTurn(0, '200%'),
  },
  {
    name: 'server',
    include: units.filter(startsServer),
    globalSetup: host,
    ...inTurn(1, '100%'),
  },
  // Real clusters are timed: one at a time.
  { name: 'main', include: [...mainPath], globalSetup: host, ...inTurn(2, 1) },
  // These mostly wait, and none needs the machine for itself.
  {
    name: 'rest',
    include: ['test/acceptance/*.test.ts'],
    exclude: [...mainPath, ...inDetail, onContainers, onKubernetes],
    globalSetup: host,
    ...inTurn(3, 2),
  },
  {
    name: 'docker',
    include: [onContainers],
    exclude: [...onContainersInDetail],
    globalSetup: host,
    ...inTurn(4, 1),
  },
  { name: 'detail', include: [...inDetail], globalSetup: host, ...inTurn(5, 2) },
  {
    name: 'docker-detail',
    include: [...onContainersInDetail],
    globalSetup: host,
    ...inTurn(6, 1),
  },
  // They mostly wait, for pods and for failovers; but three clusters and their control plane are too many for two slow cores.
  { name: 'kubernetes', include: [onKubernetes], exclude: [...onKubernetesAlone], ...inTurn(7, 2) },
  { name: 'kubernetes-alone', include: [...onKubernetesAlone], ...inTurn(8, 1) },
  // Takes its whole time, so only `npm run test:full` has it.
  { name: 'soak', include: ['test/soak/*.test.ts'], globalSetup: host, ...inTurn(9, 1) },
];

/** Acceptance tests by their names. */
function named(...names: readonly string[]): readonly string[] {
  return names.map((name) => `test/acceptance/${name}.test.ts`);
}

export default defineConfig({
  resolve: {
    alias: {
      'forkpoint/extension': fileURLToPath(new URL('src/api/extension.ts', import.meta.url)),
    },
  },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/setup/summary.ts'],
    projects: projects.map((test) => ({ extends: true, test })),
  },
});
