import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { requireSupport } from '../../../../src/patroni/dynamic-config.ts';
import { reasonIn } from '../../../../src/patroni/in-force.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { scenarioRegistry, scenarioText } from '../../../helpers/scenario-registry.ts';

function read(cluster: string) {
  const text = scenarioText(`cluster: ${cluster}`);
  return parseScenario(text, { file: 'x.yaml', registry: scenarioRegistry }).cluster;
}

function refusal(cluster: string): string {
  try {
    read(cluster);
  } catch (error) {
    return (error as Error).message.replace(/^x\.yaml:\d+:\d+: cluster\./, '');
  }
  return 'accepted';
}

const patroni = (settings: string) => refusal(`{ patroni: { ${settings} } }`);

describe('a value that Patroni would store and show but not apply is refused', () => {
  test.each([
    [
      'watchdog: { mode: required }',
      /^patroni\.watchdog: is not a dynamic setting: .* drop the whole/,
    ],
    [
      'tags: { nofailover: true }',
      /^patroni\.tags: are no dynamic setting: say them by node, cluster\.members: { pg2:/,
    ],
    ['nostream: true', /^patroni\.nostream: is not a dynamic setting/],
    ['kubernetes: {}', /^patroni\.kubernetes: is not a dynamic setting/],
    ['pause: true', /^patroni\.pause: .* fault: pause-patroni }$/],
    ['standby_cluster: { host: a }', /^patroni\.standby_cluster: makes a standby cluster/],
    [
      'callbacks: {}',
      /^patroni\.callbacks: belongs under postgresql: cluster\.patroni\.postgresql/,
    ],
    [
      'pg_version: 17',
      /^patroni\.pg_version: unknown key 'pg_version': Patroni would store it and/,
    ],
    ['constructor: 1', /^patroni\.constructor: unknown key/],
    ['slots: 3', /^patroni\.slots: must be a mapping of names to slots: \{ cdc:/],
    ['slots: { a: 3 }', /^patroni\.slots\.a: must be a mapping/],
    ['slots: { a: { type: logical } }', /^patroni\.slots\.a: a logical slot needs a database/],
    ['ignore_slots: all', /^patroni\.ignore_slots: must be a list of mappings/],
    ['failsafe_mode: 1', /^patroni\.failsafe_mode: must be true or false$/],
    ['ttl: 20.5', /^patroni\.ttl: must be a whole number, not 20\.5$/],
    ['maximum_lag_on_syncnode: -2', /^patroni\.maximum_lag_on_syncnode: must be at least -1/],
    ['postgresql: { data_dir: /x }', /^patroni\.postgresql\.data_dir: is not a dynamic setting/],
    ['postgresql: { pg_hba: [x] }', /^patroni\.postgresql\.pg_hba: has no effect/],
    ['postgresql: { parameters: [a] }', /^patroni\.postgresql\.parameters: must be a mapping/],
    [
      'postgresql: { parameters: { max_connections: 20 } }',
      /^patroni\.postgresql\.parameters\.max_connections: must be at least 25: Patroni drops/,
    ],
  ])('%s', (settings, message) => {
    expect(patroni(settings)).toMatch(message);
  });

  test.each([
    ['{ parameters: { wal_log_hints: off } }', /^parameters\.wal_log_hints: is always on/],
    [
      '{ parameters: { wal_level: minimal } }',
      /^parameters\.wal_level: must be replica or logical/,
    ],
    ['{ parameters: { PORT: 1 } }', /^parameters\.PORT: is set by Patroni itself/],
    [
      '{ synchronous: on, parameters: { synchronous_standby_names: pg2 } }',
      /^parameters\.synchronous_standby_names: is set by Patroni where/,
    ],
  ])('%s', (cluster, message) => {
    expect(refusal(cluster)).toMatch(message);
  });
});

test('a valid value is passed to Patroni unchanged, including its defaults', () => {
  const settings =
    'maximum_lag_on_syncnode: -1, slots: { a: { type: physical }, b: { type: logical, database: d, plugin: p } }, ' +
    'ignore_slots: [{ name: x }], postgresql: { use_pg_rewind: false, parameters: { hot_standby: on, wal_level: hot_standby } }';
  expect([
    patroni(settings),
    refusal('{ topology: single, parameters: { wal_level: minimal, wal_log_hints: off } }'),
  ]).toEqual(['accepted', 'accepted']);
});

test('a key of a later Patroni is refused on an earlier one, which would ignore it', () => {
  const spec = read('{ patroni: { member_slots_ttl: 60 } }');
  expect(() => requireSupport(spec, '3.0.2')).toThrow(ScenarioError);
  expect(() => requireSupport(spec, '3.0.2')).toThrow(/needs Patroni 4\.0, and 3\.0\.2 would ign/);
});

test('the reason why Patroni dropped a configuration is the last line of its traceback', () => {
  const log = [
    '2026-11-28 20:00:00,000 ERROR: Exception when setting dynamic_configuration',
    'Traceback (most recent call last):',
    '  File "config.py", line 249, in _safe_copy_dynamic_configuration',
    '    config[name] = int(value)',
    "TypeError: int() argument must be a string, not 'dict'",
    '2026-11-28 20:00:01,000 INFO: no action',
  ].join('\n');
  expect(reasonIn(log)).toBe("TypeError: int() argument must be a string, not 'dict'");
});
