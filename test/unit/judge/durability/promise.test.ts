import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../../src/judge/durability/facts.ts';
import { lossPromise } from '../../../../src/judge/durability/promise.ts';
import { standbysWaitedFor } from '../../../../src/judge/durability/standby-names.ts';
import { clusterSettings } from '../../../helpers/settings.ts';

function promised(over: Parameters<typeof clusterSettings>[0]) {
  return lossPromise(factsOf(clusterSettings(over)));
}

const nothing = { mayLose: false, bytes: 0, seconds: 0, text: 'nothing' };
const asynchronous = {
  mayLose: true,
  bytes: 1_048_576,
  seconds: 30,
  text: 'up to 1MB + 30s of writes',
};
const synchronous = { synchronous_mode: true, synchronous_mode_strict: false };

describe('what a cluster promises', () => {
  it('without synchronous_mode is the lag that a failover accepts plus the lifetime of the lock', () => {
    const config = { ttl: 20, maximum_lag_on_failover: 104_857_600 };
    const text = 'up to 100MB + 20s of writes';
    expect([promised({}), promised({ config })]).toEqual([
      asynchronous,
      { mayLose: true, bytes: 104_857_600, seconds: 20, text },
    ]);
  });

  it.each(['remote_write', 'on', 'remote_apply'])(
    'with synchronous_mode and %s is no loss, in every mode',
    (synchronous_commit) => {
      const configs = [
        synchronous,
        { ...synchronous, synchronous_mode_strict: true },
        { synchronous_mode: 'quorum' },
      ];
      const found = configs.map((config) => promised({ config, all: { synchronous_commit } }));
      expect(found).toEqual([nothing, nothing, nothing]);
    },
  );

  it('follows the synchronous_commit of the load, whatever the servers have', () => {
    const settings = (commit: string) =>
      clusterSettings({ config: synchronous, all: { synchronous_commit: commit } });
    expect(lossPromise(factsOf(settings('on'), 'local'))).toEqual(asynchronous);
    expect(lossPromise(factsOf(settings('local'), 'on'))).toEqual(nothing);
  });

  it.each(['local', 'off'])(
    'with synchronous_mode and %s is that of an asynchronous one',
    (synchronous_commit) => {
      const found = promised({ config: synchronous, all: { synchronous_commit } });
      expect(found).toEqual(asynchronous);
    },
  );

  it('is that of its weakest node, since any of them may lead', () => {
    const { members } = clusterSettings({ all: { synchronous_commit: 'local' } });
    expect(promised({ config: synchronous, pg2: members[1]! })).toEqual(asynchronous);
  });

  it('is still no loss while Patroni looks for a synchronous standby: it promotes no other node', () => {
    const primary = { synchronous_standby_names: '' };
    expect(promised({ config: synchronous, primary })).toEqual(nothing);
  });

  it('with synchronous_standby_names by hand is no loss only if COMMIT waits for every replica', () => {
    const names = ['ANY 1 (pg2, pg3)', '2 (pg2, pg3)'];
    const found = names.map((synchronous_standby_names) =>
      promised({ primary: { synchronous_standby_names } }),
    );
    expect(found).toEqual([asynchronous, nothing]);
  });

  it('may be a loss if there may be a node that was not listed', () => {
    const primary = { synchronous_standby_names: '2 (pg2, pg3)' };
    expect(promised({ primary, isComplete: false })).toEqual(asynchronous);
  });

  it('with fsync off has no bound, however synchronous it is', () => {
    expect(promised({ config: synchronous, primary: { fsync: 'off' } })).toEqual({
      mayLose: true,
      bytes: null,
      seconds: null,
      text: 'anything since the last checkpoint: fsync is off',
    });
  });

  it('of a single server is no loss, or three rounds of its WAL writer with synchronous_commit off', () => {
    const manager = { kind: 'none' } as const;
    const all = { synchronous_commit: 'off', wal_writer_delay: '1s' };
    expect([promised({ manager }), promised({ manager, all })]).toEqual([
      nothing,
      { mayLose: true, bytes: 0, seconds: 3, text: 'up to 3s of writes' },
    ]);
  });

  it('is never guessed if it is not known what decides a failover', () => {
    const manager = { kind: 'unknown', reason: 'not given' } as const;
    const primary = { synchronous_standby_names: 'pg2' };
    expect([promised({ manager }), promised({ manager, primary })]).toEqual([
      {
        mayLose: true,
        bytes: null,
        seconds: null,
        text: 'whatever the promoted replica has not received: who limits that is not known',
      },
      {
        mayLose: null,
        bytes: null,
        seconds: null,
        text: 'unknown: nothing only if a failover goes to a standby that was waited for',
      },
    ]);
  });

  it('is unknown without a primary, or with two', () => {
    const { members } = clusterSettings();
    const two = promised({ pg2: { ...members[1]!, role: 'primary' } });
    expect(two).toEqual({
      mayLose: null,
      bytes: null,
      seconds: null,
      text: 'unknown: no single primary could be asked',
    });
  });
});

it.each([
  ['', 0],
  ['  ', 0],
  ['*', 1],
  ['pg2, pg3', 1],
  ['2 (pg2, pg3)', 2],
  ['FIRST 2 (pg2, pg3)', 2],
  ['any 1 (*)', 1],
])('synchronous_standby_names %j waits for %d', (names, count) => {
  expect(standbysWaitedFor(names)).toBe(count);
});
