import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const units = globSync('test/{unit,conformance}/**/*.test.ts', { cwd: import.meta.dirname });
const startsServer = (file: string): boolean =>
  readFileSync(new URL(file, import.meta.url), 'utf8').includes('/helpers/postgres.ts');
const host = './test/setup/host.ts';

/** What a change must not break: a run from boot to verdict, a loss, a harness that dies, the checker's own test. */
const mainPath = ['local-lab', 'run', 'tail-loss', 'staged-loss', 'verify', 'selftest'].map(
  (name) => `test/acceptance/${name}.test.ts`,
);

/** What needs a Docker engine. */
const onContainers = 'test/acceptance/docker-*.test.ts';

/** Real clusters are timed: one file at a time, after everything else. */
const alone = { globalSetup: host, maxWorkers: 1, sequence: { groupOrder: 1 } };

/** These wait for most of their time, and none needs the machine for itself: two files at a time. */
const twoAtATime = { globalSetup: host, maxWorkers: 2, sequence: { groupOrder: 2 } };

const projects: readonly NonNullable<TestProjectInlineConfiguration['test']>[] = [
  // Loading the code costs more than most of these tests: each worker loads it once, for all of its files.
  { name: 'unit', include: units.filter((file) => !startsServer(file)), isolate: false },
  { name: 'server', include: units.filter(startsServer), globalSetup: host },
  { name: 'main', include: mainPath, ...alone },
  {
    name: 'rest',
    include: ['test/acceptance/*.test.ts'],
    exclude: [...mainPath, onContainers],
    ...twoAtATime,
  },
  { name: 'docker', include: [onContainers], ...alone },
];

export default defineConfig({
  resolve: {
    alias: {
      'forkpoint/extension': fileURLToPath(new URL('src/api/extension.ts', import.meta.url)),
    },
  },
  test: {
    // The default leaves one core of two idle.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/setup/slowest.ts'],
    projects: projects.map((test) => ({ extends: true, test })),
  },
});
