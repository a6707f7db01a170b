import { expect, test } from 'vitest';
import type { ClusterSpec } from '../../../src/contracts/scenario.ts';
import { EnvironmentError } from '../../../src/std/errors.ts';
import {
  dynamicConfig,
  includes,
  merge,
  requireSupport,
} from '../../../src/patroni/dynamic-config.ts';

const spec: ClusterSpec = {
  nodes: 3,
  topology: 'patroni',
  patroni: {},
  synchronous: 'off',
  parameters: {},
  convergeMs: 60_000,
};

test('a scenario without settings runs with the defaults of Patroni and nothing that weakens durability', () => {
  const { postgresql, ...times } = dynamicConfig(spec);
  expect(times).toEqual({
    ttl: 30,
    loop_wait: 10,
    retry_timeout: 10,
    maximum_lag_on_failover: 1_048_576,
  });
  expect(JSON.stringify(postgresql)).not.toMatch(/fsync|full_page_writes|synchronous_commit/);
});

test("a scenario's own keys win, and its parameters win over those in its patroni block", () => {
  const config = dynamicConfig({
    ...spec,
    patroni: { ttl: 20, postgresql: { use_slots: false, parameters: { work_mem: '1MB' } } },
    parameters: { work_mem: '2MB', shared_buffers: '32MB' },
  });
  expect(config).toMatchObject({
    ttl: 20,
    loop_wait: 10,
    postgresql: {
      use_pg_rewind: true,
      use_slots: false,
      parameters: { work_mem: '2MB', shared_buffers: '32MB', wal_log_hints: 'on' },
    },
  });
});

test('each synchronous mode sets the right keys of Patroni', () => {
  const modeOf = (synchronous: ClusterSpec['synchronous']) => {
    const { synchronous_mode, synchronous_mode_strict } = dynamicConfig({ ...spec, synchronous });
    return [synchronous_mode, synchronous_mode_strict];
  };
  expect([modeOf('off'), modeOf('on'), modeOf('strict'), modeOf('quorum')]).toEqual([
    [undefined, undefined],
    [true, undefined],
    [true, true],
    ['quorum', undefined],
  ]);
});

test('quorum commit is refused before Patroni 4 and accepted from then on', () => {
  const quorum = { ...spec, synchronous: 'quorum' } as const;
  expect(() => requireSupport(quorum, '3.3.2')).toThrow(EnvironmentError);
  expect(() => requireSupport(quorum, '4.0.7')).not.toThrow();
});

test('merging recurses into objects and replaces everything else', () => {
  const merged = merge({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: { e: 2 } });
  expect(merged).toEqual({ a: { b: 1, c: [3] }, d: { e: 2 } });
});

test('a configuration includes another if it has at least the same values', () => {
  const have = { ttl: 30, postgresql: { parameters: { a: '1', b: '2' } }, more: true };
  expect([
    includes(have, { ttl: 30, postgresql: { parameters: { a: '1' } } }),
    includes(have, { postgresql: { parameters: { a: '2' } } }),
    includes(have, { absent: null }),
  ]).toEqual([true, false, false]);
});
