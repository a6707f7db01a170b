import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import docker from '../../../src/backends/docker.ts';
import local from '../../../src/backends/local.ts';
import { renderLabDefaults } from '../../../src/patroni/lab-defaults.ts';

const page = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, '../../../docs', name), 'utf8');

test('the table of backends says what each offers', () => {
  const rows = [
    ...page('backends.md').matchAll(/^\| `([a-z]+)` \([^|]*\| (\w+)[^|]*\| (\w+)[^|]*\| (\w+)/gm),
  ];
  const table = rows.map(([, name = '', ...cells]) => [name, cells[0], cells[2]]);
  // As an ordinary user local has no power cuts: the table's first column is root's.
  const offered = new Set<string>([...local.offers, 'power']);
  const docked = new Set<string>(docker.offers);
  const says = (is: boolean) => (is ? 'yes' : 'no');
  expect(table.map(([name]) => name).sort()).toEqual([...offered].sort());
  expect(table).toEqual(
    table.map(([name = '']) => [name, says(offered.has(name)), says(docked.has(name))]),
  );
});

test("the page of a lab's defaults is what its servers run with", () => {
  expect(page('lab-defaults.md')).toBe(renderLabDefaults());
  const settings = { ...local.parameters?.('patroni'), ...docker.parameters?.('patroni') };
  for (const [name, value] of Object.entries(settings)) {
    expect(page('lab-defaults.md')).toContain(`| \`${name}\` | \`${value}\` |`);
  }
});
