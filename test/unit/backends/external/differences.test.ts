import { expect, test } from 'vitest';
import { differencesOf } from '../../../../src/backends/external/differences.ts';

const written = {
  synchronous: 'off',
  patroni: { ttl: 20, loop_wait: 2 },
  parameters: { wal_keep_size: '16MB' },
} as const;

test('settings that the scenario was written for and the cluster does not have are notes', () => {
  const running = {
    patroni: { ttl: 30, loop_wait: 2 },
    parameters: { synchronous_standby_names: '', wal_keep_size: '0' },
  };
  expect(differencesOf(written, running)).toEqual({
    problems: [],
    notes: [
      "written for Patroni's ttl 20, which is 30 here",
      'written for wal_keep_size "16MB", which is "0" here',
    ],
  });
});

test('a scenario about synchronous replication is refused where COMMIT waits for no standby', () => {
  const running = { parameters: { synchronous_standby_names: '' } };
  const { problems } = differencesOf({ ...written, synchronous: 'on' }, running);
  expect(problems).toEqual([expect.stringContaining('waits for no standby')]);
});

test('a scenario about asynchronous replication runs where COMMIT waits, and says so', () => {
  const running = { parameters: { synchronous_standby_names: '"pg2"', wal_keep_size: '16MB' } };
  expect(differencesOf(written, running)).toEqual({
    problems: [],
    notes: ['written for asynchronous replication, and COMMIT waits here for "pg2"'],
  });
});

test('what could not be read is no difference', () => {
  expect(differencesOf({ ...written, synchronous: 'on' }, {})).toEqual({
    problems: [],
    notes: [],
  });
});
