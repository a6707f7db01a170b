import { describe, expect, it } from 'vitest';
import { defectsOf } from '../../../../src/judge/durability/known-defects.ts';
import { judgeDurability } from '../../../../src/judge/durability/judge.ts';
import { durabilityTable } from '../../../../src/judge/durability/table.ts';
import { clusterSettings } from '../../../helpers/settings.ts';

function rowsOf(over: Parameters<typeof clusterSettings>[0], ...settings: readonly string[]) {
  return judgeDurability(clusterSettings(over)).rows.filter(({ setting }) =>
    settings.includes(setting),
  );
}

function levels(over: Parameters<typeof clusterSettings>[0]) {
  const { rows } = judgeDurability(clusterSettings(over));
  return Object.fromEntries(
    rows.filter(({ level }) => level !== 'ok').map(({ setting, level }) => [setting, level]),
  );
}

const strict = { synchronous_mode: true, synchronous_mode_strict: true };

describe('the table of settings', () => {
  it('warns of every way in which an asynchronous cluster loses what it acknowledged', () => {
    expect(levels({ config: { postgresql: { use_pg_rewind: true } } })).toEqual({
      synchronous_standby_names: 'risk',
      synchronous_mode: 'risk',
      maximum_lag_on_failover: 'risk',
      watchdog: 'risk',
    });
  });

  it('warns of nothing if commits wait and no setting is risky', () => {
    const primary = { synchronous_standby_names: 'pg2' };
    const config = { ...strict, postgresql: { use_pg_rewind: true } };
    expect(levels({ config, primary })).toEqual({});
  });

  it('reports that synchronous mode has no effect under synchronous_commit local', () => {
    const all = { synchronous_commit: 'local' };
    const primary = { synchronous_standby_names: 'pg2' };
    const rows = rowsOf({ config: strict, all, primary }, 'synchronous_mode');
    expect(rows).toEqual([
      {
        setting: 'synchronous_mode',
        value: 'on, strict, 1 node',
        differs: [],
        level: 'risk',
        promise: 'without effect: synchronous_commit is local, so commits wait for no standby',
      },
    ]);
  });

  it('names the node that runs another value, with the level of the worst value', () => {
    const { members } = clusterSettings({ all: { fsync: 'off' } });
    expect(rowsOf({ pg2: members[1]! }, 'fsync')).toEqual([
      {
        setting: 'fsync',
        value: 'on',
        differs: [{ node: 'pg2', value: 'off' }],
        promise:
          'what is committed is on disk: losing power costs nothing; pg2 leading: ' +
          'a crash of the machine can take anything, and can leave the files broken',
        level: 'defect',
      },
    ]);
  });

  it('does not report that replicas have no synchronous_standby_names', () => {
    const primary = { synchronous_standby_names: 'pg2' };
    const [row] = rowsOf({ config: strict, primary }, 'synchronous_standby_names');
    expect({ ...row, promise: '' }).toEqual({
      setting: 'synchronous_standby_names',
      value: 'pg2',
      differs: [],
      promise: '',
      level: 'ok',
    });
  });

  it('accepts the older name of primary_start_timeout, and warns of 0 only if a replica may lag', () => {
    const config = { master_start_timeout: 0 };
    const setting = 'primary_start_timeout';
    const found = [config, { ...config, ...strict }].map((one) => rowsOf({ config: one }, setting));
    expect(found.flat().map(({ value, level }) => [value, level])).toEqual([
      ['0s', 'risk'],
      ['0s', 'ok'],
    ]);
  });

  it('warns of a lock that can expire before its holder gives up', () => {
    const config = { ttl: 20, loop_wait: 10, retry_timeout: 10 };
    expect(rowsOf({ config }, 'ttl / loop_wait / retry_timeout')).toEqual([
      {
        setting: 'ttl / loop_wait / retry_timeout',
        value: '20s / 10s / 10s',
        differs: [],
        promise:
          'loop_wait + 2 * retry_timeout is 30s, more than ttl: ' +
          'a leader may still take writes when its lock has expired',
        level: 'risk',
      },
    ]);
  });

  it('shows unknown, not ok, for what only Patroni knows', () => {
    const reason = 'its REST address was not given';
    const manager = { kind: 'unknown', reason } as const;
    const found = judgeDurability(clusterSettings({ manager }));
    expect(found.rows.filter(({ level }) => level === 'unknown')).toEqual([
      { setting: 'Patroni', value: 'unknown', differs: [], promise: reason, level: 'unknown' },
    ]);
  });

  it('reports a node that did not answer, and judges the others', () => {
    const pg2 = { role: 'unknown', parameters: {}, problem: 'connection refused' } as const;
    const found = judgeDurability(clusterSettings({ config: strict, pg2 }));
    expect([found.promise.text, found.problems]).toEqual(['nothing', ['pg2: connection refused']]);
  });

  it('shows a defect if a requested parameter is not in force', () => {
    const asked = { synchronous_commit: 'local', shared_buffers: '65536kB', nonsense: '1' };
    const all = { shared_buffers: '64MB' };
    const rows = judgeDurability(clusterSettings({ asked, all })).rows.slice(0, 2);
    expect(rows).toEqual([
      {
        setting: 'synchronous_commit',
        value: 'on',
        differs: [],
        level: 'defect',
        promise: 'the scenario asked for synchronous_commit = local, which is not in force',
      },
      {
        setting: 'nonsense',
        value: 'not known to the server',
        differs: [],
        level: 'defect',
        promise: 'the scenario asked for nonsense = 1, which is not in force',
      },
    ]);
  });
});

describe('known defects', () => {
  it.each([
    ['3.0.2', 'etcd 3.4.23', 1],
    ['3.0.2', undefined, 1],
    ['3.0.2', 'consul 1.15', 0],
    ['3.0.3', 'etcd 3.4.23', 0],
    ['4.1.4', 'etcd 3.5.16', 0],
    [undefined, 'etcd 3.4.23', 0],
  ])('Patroni %s with %s has %d', (patroni, dcs, count) => {
    expect(defectsOf('patroni', { patroni, dcs })).toHaveLength(count);
  });

  it.each([
    ['14.3 (Debian 14.3-1)', 1],
    ['14.4', 0],
    ['13.1', 0],
    ['15.18', 0],
  ])('PostgreSQL %s has %d', (postgres, count) => {
    expect(defectsOf('postgres', { postgres })).toHaveLength(count);
  });
});

it('the table shows every row with its value and what it promises', () => {
  const { members } = clusterSettings({ all: { fsync: 'off' } });
  const found = judgeDurability(clusterSettings({ manager: { kind: 'none' }, pg2: members[1]! }));
  const first = durabilityTable(found).split('\n').slice(0, 4);
  const width = Math.max(...found.rows.map(({ setting }) => setting.length));
  expect(first).toEqual([
    'A failover or a crash may lose: anything since the last checkpoint: fsync is off',
    '',
    `DEFECT  ${'fsync'.padEnd(width)}  on (pg2: off)`,
    `${' '.repeat(8 + width)}  ${found.rows[0]?.promise ?? ''}`,
  ]);
});

it("a tag, a line or a parameter of the user's own configuration that one member lacks is named, and prevents a verdict", () => {
  const settings = clusterSettings({
    asked: { work_mem: '4MB' },
    all: { work_mem: '4MB' },
    pg2: { asked: { work_mem: '8MB' } },
  });
  const differences = [
    { node: 'pg2', setting: 'tag nofailover', asked: 'true', found: 'false' },
    { node: 'pg3', setting: 'tag nofailover', asked: 'true', found: 'false' },
  ];
  const own = { differences, problems: ['pg1: no answer'] };
  const { notInForce, rows, problems } = judgeDurability({ ...settings, own });
  expect(notInForce).toEqual(['work_mem', 'tag nofailover']);
  expect(problems).toEqual(['pg1: no answer']);
  expect(rows.slice(0, 2).map(({ level, promise }) => [level, promise])).toEqual([
    ['defect', 'the scenario asked for work_mem = 8MB, which is not in force on pg2'],
    ['defect', 'your configuration asks for true, which is not in force on pg2, pg3'],
  ]);
});
