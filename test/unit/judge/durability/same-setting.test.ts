import { describe, expect, it } from 'vitest';
import { judgeDurability } from '../../../../src/judge/durability/judge.ts';
import { isSameSetting } from '../../../../src/judge/durability/same-setting.ts';
import { askedParameters } from '../../../../src/patroni/asked-parameters.ts';
import { clusterSettings } from '../../../helpers/settings.ts';

const typed = (vartype: string, unit = '') => ({ vartype, unit, source: 'configuration file' });

describe('a parameter is in force', () => {
  it.each([
    ['hot_standby_feedback', '1', 'on', undefined],
    ['hot_standby_feedback', 'tr', 'on', typed('bool')],
    ['fsync', '0', 'off', undefined],
    ['fsync', 'false', 'off', typed('bool')],
    ['wal_level', 'hot_standby', 'replica', undefined],
    ['wal_level', 'Archive', 'replica', typed('enum')],
    ['synchronous_commit', 'yes', 'on', typed('enum')],
    ['wal_compression', 'true', 'pglz', typed('enum')],
    ['shared_buffers', '65536kB', '64MB', undefined],
    ['shared_buffers', '8192', '64MB', typed('integer', '8kB')],
    ['checkpoint_timeout', '90', '90s', typed('integer', 's')],
    ['wal_sender_timeout', '1min', '1min', typed('integer', 'ms')],
    ['wal_sender_timeout', '0.5s', '500ms', typed('integer', 'ms')],
    ['wal_buffers', '-1', '2MB', typed('integer', '8kB')],
    ['unix_socket_permissions', '0750', '0750', typed('integer')],
    ['random_page_cost', '1.10', '1.1', typed('real')],
    ['max_slot_wal_keep_size', '-1', '-1', typed('integer', 'MB')],
    ['DateStyle', 'iso,mdy', 'ISO, MDY', typed('string')],
    ['archive_command', 'cp %p /a/%f', 'cp %p /a/%f', typed('string')],
  ])('%s = %s where the server shows %s', (name, asked, found, type) => {
    expect(isSameSetting(name, { asked, found, type })).toBe(true);
  });

  it.each([
    ['fsync', '1', 'off', typed('bool')],
    ['fsync', 'off', 'on', undefined],
    ['wal_level', 'hot_standby', 'logical', typed('enum')],
    ['synchronous_commit', 'local', 'on', typed('enum')],
    ['shared_buffers', '64', '64MB', typed('integer', '8kB')],
    ['checkpoint_timeout', '90', '90min', typed('integer', 's')],
    ['max_connections', '20', '100', typed('integer')],
    ['archive_command', '/bin/TRUE', '/bin/true', typed('string')],
    ['application_name', '1', 'on', typed('string')],
  ])('but not %s = %s where it shows %s', (name, asked, found, type) => {
    expect(isSameSetting(name, { asked, found, type })).toBe(false);
  });
});

describe('a requested parameter that is not in force', () => {
  const notInForce = (over: Parameters<typeof clusterSettings>[0]) =>
    judgeDurability(clusterSettings(over)).notInForce;

  it('is not a boolean, enum or number that the server only writes differently', () => {
    const asked = { hot_standby_feedback: '1', fsync: '1', wal_level: 'hot_standby' };
    const all = { hot_standby_feedback: 'on', wal_level: 'replica' };
    expect(notInForce({ asked, all })).toEqual([]);
  });

  it('is reported for a single replica, with its value and the value of the primary', () => {
    const { members } = clusterSettings({ all: { work_mem: '4MB' } });
    const settings = clusterSettings({
      asked: { work_mem: '8MB' },
      all: { work_mem: '8MB' },
      pg2: members[1]!,
    });
    const [row] = judgeDurability(settings).rows;
    expect(row).toEqual({
      setting: 'work_mem',
      value: '8MB',
      differs: [{ node: 'pg2', value: '4MB' }],
      promise: 'the scenario asked for work_mem = 8MB, which is not in force on pg2',
      level: 'defect',
    });
  });

  it('is looked for on replicas only if it is a recovery parameter', () => {
    const asked = { recovery_min_apply_delay: '5s' };
    const off = { recovery_min_apply_delay: '0' };
    const on = { recovery_min_apply_delay: '5s' };
    expect([notInForce({ asked, all: on, primary: off }), notInForce({ asked, all: off })]).toEqual(
      [[], ['recovery_min_apply_delay']],
    );
  });

  it('can be under cluster.patroni.postgresql, which cluster.parameters override', () => {
    const patroni = { postgresql: { parameters: { ssl: false, work_mem: '1MB', jit: null } } };
    expect(askedParameters({ patroni, parameters: { work_mem: '2MB' } })).toEqual({
      ssl: 'off',
      work_mem: '2MB',
    });
  });
});

it('a failing archive_command is a risk that names the node and the segment', () => {
  const archiver = { failed: 3, archived: 0, isFailing: true, lastFailedWal: '00000001' };
  const { members } = clusterSettings();
  const rows = judgeDurability(clusterSettings({ pg2: { ...members[1]!, archiver } })).rows;
  expect(rows.filter(({ setting }) => setting === 'archiving')).toEqual([
    {
      setting: 'archiving',
      value: '3 attempts failed, 0 went well',
      differs: [],
      promise:
        'archive_command fails on pg2 (last: 00000001): its WAL is in no archive, and fills the disk',
      level: 'risk',
    },
  ]);
});
