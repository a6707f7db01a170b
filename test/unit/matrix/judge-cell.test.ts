import { describe, expect, it } from 'vitest';
import type { ClusterSettings } from '../../../src/contracts/durability.ts';
import type { LostRange, Result } from '../../../src/contracts/result.ts';
import { judgeDurability } from '../../../src/judge/durability/judge.ts';
import { boundIsBroken, inNumbers } from '../../../src/std/units/loss-bound.ts';
import { judgeCell } from '../../../src/matrix/judge-cell.ts';
import { measuredRun } from '../../helpers/result.ts';
import { clusterSettings } from '../../helpers/settings.ts';

const promisesNothingLost = clusterSettings({ config: { synchronous_mode: true } });
const promisesLittleLost = clusterSettings();

function lostRange(over: Partial<LostRange> = {}): LostRange {
  return {
    writer: 1,
    from: 10,
    to: 20,
    kind: 'insert',
    ackedAtMs: [5_000, 8_000],
    node: 'pg1',
    timeline: 1,
    lsn: ['0/1000000', '0/1010000'],
    cause: 'forked',
    ...over,
  };
}

/** A run whose own verdict is fail, which a cell ignores. */
function resultOf(settings: ClusterSettings, over: Parameters<typeof measuredRun>[0] = {}): Result {
  const durability = judgeDurability(settings);
  return { ...measuredRun({ durability, ...over }), status: 'fail', knownDefect: null, checks: [] };
}

function losing(lost: number, range: Partial<LostRange> = {}): Parameters<typeof measuredRun>[0] {
  return { rpo: { records: lost, bytes: null, seconds: null }, lostRanges: [lostRange(range)] };
}

function verdictOf(...about: Parameters<typeof resultOf>) {
  const { status, reason } = judgeCell(resultOf(...about));
  return [status, reason];
}

describe('a cell', () => {
  it('that lost nothing is held, whatever its scenario demands and its settings promise', () => {
    const held = ['held', null];
    expect([verdictOf(promisesNothingLost), verdictOf(promisesLittleLost)]).toEqual([held, held]);
  });

  it('whose settings promise no loss is broken by one lost write', () => {
    expect(verdictOf(promisesNothingLost, losing(1))).toEqual([
      ...['broken', 'promised to lose nothing, lost 1'],
    ]);
  });

  it('that may lose what it lost is held', () => {
    expect(judgeCell(resultOf(promisesLittleLost, losing(11)))).toEqual({
      status: 'held',
      reason: null,
      promise: {
        mayLose: true,
        bytes: 1_048_576,
        seconds: 30,
        text: 'up to 1MB + 30s of writes',
      },
      observed: {
        acknowledged: 1000,
        lost: 11,
        lostLocalOnly: 0,
        lostSpanMs: 3_000,
        outageMs: 5230,
        failovers: 0,
      },
    });
  });

  it('that may lose its tail is broken by a loss that no failover explains', () => {
    expect(verdictOf(promisesLittleLost, losing(11, { cause: 'unexplained' }))).toEqual([
      ...['broken', 'lost 11, without a failover that explains it'],
    ]);
  });

  it('is broken by rows that no setting allows to be wrong', () => {
    expect(verdictOf(promisesLittleLost, { writes: { corrupted: 2 } })).toEqual([
      ...['broken', '2 corrupted: no setting allows that'],
    ]);
  });

  it.each([
    ['a fault could not be injected', { problems: ['cut: injecting partition failed'] }],
    ['nothing was acknowledged', { writes: { acknowledged: 0 } }],
    ['the cluster did not converge', { converged: { ok: false, reason: 'pg2 is down' } }],
    ['the primary was not read', { rpo: { records: null, bytes: null, seconds: null } }],
  ])('is unknown, and not held, when %s', (_, over) => {
    expect(verdictOf(promisesNothingLost, over)[0]).toBe('unknown');
  });

  it('is unknown if its settings were not read, or are not in force', () => {
    const ignored = clusterSettings({ asked: { synchronous_commit: 'local' } });
    expect([verdictOf(promisesLittleLost, { durability: null }), verdictOf(ignored)]).toEqual([
      ['unknown', 'the promise is unknown: the settings were not read'],
      ['unknown', 'synchronous_commit is not in force with the value of this cell'],
    ]);
  });
});

describe('a bound of bytes and seconds', () => {
  const bound = { bytes: 1_048_576, seconds: 20 };
  const long = lostRange({ ackedAtMs: [0, 60_000], lsn: ['0/1000000', '0/3000000'] });

  it('is kept by a loss within its seconds, whatever its bytes', () => {
    const fast = lostRange({ ackedAtMs: [0, 20_000], lsn: ['0/1000000', '1/0'] });
    expect(boundIsBroken([...inNumbers([fast])], bound)).toBe(false);
  });

  it('is broken by a write lost before those seconds and past those bytes', () => {
    const early = lostRange({ writer: 2, ackedAtMs: [0, 30_000], lsn: ['0/1000000', '0/2000000'] });
    expect(boundIsBroken([...inNumbers([long, early])], bound)).toBe(true);
  });

  it('is not broken unless the lost writes prove it', () => {
    const place = lostRange({ ackedAtMs: [0, 60_000], lsn: null });
    expect([
      boundIsBroken([...inNumbers([long])], bound),
      boundIsBroken([...inNumbers([place])], bound),
    ]).toEqual([false, false]);
  });

  it('that does not exist cannot be broken', () => {
    expect(boundIsBroken([...inNumbers([long])], { bytes: null, seconds: null })).toBe(false);
  });
});
