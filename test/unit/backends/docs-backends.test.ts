import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  capabilityTable,
  withCapabilityTable,
} from '../../../src/commands/support/capability-table.ts';
import docker from '../../../src/backends/docker.ts';
import local from '../../../src/backends/local.ts';
import { renderLabDefaults } from '../../../src/patroni/lab-defaults.ts';

const page = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, '../../../docs', name), 'utf8');

const backends = new Map([
  ['docker', docker],
  ['local', local],
]);

test('the table of capabilities on the page matches the backends', () => {
  expect(page('backends.md')).toBe(withCapabilityTable(page('backends.md'), backends));
});

test('each capability of a backend is in the table, with the reason if it is missing', () => {
  const table = capabilityTable(backends);
  expect(table).toContain(
    '|  | docker, `topology: patroni`, root | docker, `topology: patroni`, ordinary user | docker, `topology: single` | local, root | local, ordinary user |',
  );
  expect(table).toContain('| `disk` (fill and free data, WAL) | yes | yes | no (5) | yes | yes |');
  expect(table).toContain(
    "| `power` (power cut of a node's disks) | no (1) | no (1) | no (1) | yes | no (12) |",
  );
  expect(table).toContain('12. its disks are loop devices, which only root can make; run as root');
});

test("the page of a lab's defaults matches what its servers run with", () => {
  expect(page('lab-defaults.md')).toBe(renderLabDefaults());
  const settings = { ...local.parameters?.('patroni'), ...docker.parameters?.('patroni') };
  for (const [name, value] of Object.entries(settings)) {
    expect(page('lab-defaults.md')).toContain(`| \`${name}\` | \`${value}\` |`);
  }
});
