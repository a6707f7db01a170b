import { expect, test } from 'vitest';
import { settingsText } from '../../../src/machine/io.ts';
import { loadRegistry } from '../../../src/registry.ts';

const { faults } = await loadRegistry('');

function problemsOf(name: string, params: object): readonly string[] {
  const parsed = faults.get(name)!.params.safeParse(params);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => [path.join('.'), message].join(': '));
}

test.each([
  ['disk-stall', { area: 'log' }, /^area: /],
  ['disk-stall', { area: 'wal', operations: [] }, /operations: names at least one of read, write/],
  [
    'disk-stall',
    { area: 'wal', operations: ['fsync', 'fsync'] },
    /operations: names an operation twice/,
  ],
  ['disk-stall', { area: 'wal', operations: ['open'] }, /^operations.0: /],
  ['disk-slow', { area: 'wal' }, /needs latency, throughput or both/],
  ['disk-slow', { area: 'wal', latency: '0s' }, /latency: must be longer than 0s/],
  ['disk-slow', { area: 'wal', latency: 20 }, /^latency: /],
  ['disk-slow', { area: 'wal', throughput: '10B/s' }, /throughput: must be at least 1kB\/s/],
  ['disk-error', { area: 'wal' }, /^operations: /],
])('%s refuses %o', (name, params, said) => {
  expect(problemsOf(name, params).join('; ')).toMatch(said);
});

test.each([
  [
    { kind: 'stall', operations: ['read'] },
    { operations: ['read'], stall: true },
  ],
  [
    { kind: 'error', operations: ['fsync'] },
    { operations: ['fsync'], error: true },
  ],
  [
    { kind: 'slow', operations: ['write'], latencyMs: 20, bytesPerSecond: 1e6 },
    { operations: ['write'], delayMs: 20, bytesPerSecond: 1e6 },
  ],
  [{ kind: 'lost-fsync' }, { operations: ['fsync'], lie: true }],
] as const)('a layer is told of %o, with the tag first', (harm, told) => {
  const text = settingsText('disk "odd"#1', harm);
  expect(JSON.parse(text)).toEqual({ tag: 'disk "odd"#1', ...told });
  expect(text.startsWith('{"tag":"disk \\"odd\\"#1",')).toBe(true);
});
