import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const files = globSync(
  [
    ...['src/**/*', 'faults/**/*', 'docker/**/*', 'deploy/image/*', '.ci/*', 'vitest.config.ts'],
    ...['test/helpers/*', 'docker-compose.ha.yml', 'package.json'],
  ],
  { cwd: root, withFileTypes: true },
)
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));

test('docs/environment.md lists every FORKPOINT_ variable of the code once, and no other', () => {
  const used = files.flatMap(
    (file) => readFileSync(file, 'utf8').match(/FORKPOINT_[A-Z_]*[A-Z]/g) ?? [],
  );
  const page = readFileSync(path.join(root, 'docs/environment.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `(FORKPOINT_[A-Z_]+)` \|/gm)].map(([, name = '']) => name);
  expect(listed.toSorted()).toEqual([...new Set(used)].sort());
});
