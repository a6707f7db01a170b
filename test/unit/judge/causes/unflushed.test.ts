import { expect, test } from 'vitest';
import type { ClusterSettings } from '../../../../src/contracts/durability.ts';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import { unflushedBy } from '../../../../src/judge/causes/unflushed.ts';

function settingsOf(members: Readonly<Record<string, Record<string, string>>>): ClusterSettings {
  return {
    schemaVersion: 1,
    isComplete: true,
    manager: { kind: 'none' },
    asked: {},
    members: Object.entries(members).map(([node, parameters]) => ({
      node,
      role: 'replica',
      parameters,
    })),
  };
}
const safe = { fsync: 'on', synchronous_commit: 'on' };

test('a server acknowledges unflushed writes only with fsync or synchronous_commit off', () => {
  const may = unflushedBy(
    settingsOf({
      pg1: safe,
      pg2: { ...safe, fsync: 'off' },
      pg3: { ...safe, synchronous_commit: 'off' },
      pg4: { ...safe, synchronous_commit: 'local' },
    }),
    ...[[], 0],
  );
  expect(['pg1', 'pg2', 'pg3', 'pg4'].map((node) => may(node, 0))).toEqual([
    ...[false, true, true, false],
  ]);
});

test('it is unknown for a server whose settings were not read', () => {
  expect(unflushedBy(settingsOf({ pg1: safe }), [], 0)('pg2', 0)).toBeNull();
  expect(unflushedBy(undefined, [], 0)('pg1', 0)).toBeNull();
});

test('a fault that turns flushing off does so on its targets, from its injection to its heal', () => {
  const detail = { parameter: 'synchronous_commit', value: 'off', before: { pg1: 'on' } };
  const events: readonly RunEvent[] = [
    {
      atMs: 6_000,
      type: 'inject',
      id: 'lazy',
      fault: 'set-parameter',
      targets: ['pg1'],
      plannedAtMs: 5_000,
    },
    { atMs: 6_100, type: 'injected', id: 'lazy', detail },
    { atMs: 9_000, type: 'healed', id: 'lazy' },
  ];
  const may = unflushedBy(settingsOf({ pg1: safe, pg2: safe }), events, 1_000);
  const at = (node: string, ms: number) => may(node, ms * 1000);
  expect([at('pg1', 4_000), at('pg1', 6_000), at('pg1', 9_000), at('pg2', 6_000)]).toEqual([
    ...[false, true, false, false],
  ]);
});

test('a fault whose disks flush nothing does so on its targets, from its injection to its heal', () => {
  const events: readonly RunEvent[] = [
    {
      atMs: 6_000,
      type: 'inject',
      id: 'lies',
      fault: 'lost-fsync',
      targets: ['pg1'],
      plannedAtMs: 5_000,
    },
    { atMs: 6_100, type: 'injected', id: 'lies', detail: { losesFlushes: true } },
    { atMs: 9_000, type: 'healed', id: 'lies' },
  ];
  const may = unflushedBy(settingsOf({ pg1: safe, pg2: safe }), events, 1_000);
  const at = (node: string, ms: number) => may(node, ms * 1000);
  expect([at('pg1', 4_000), at('pg1', 6_000), at('pg1', 9_000), at('pg2', 6_000)]).toEqual([
    ...[false, true, false, false],
  ]);
});
