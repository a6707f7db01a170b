import { describe, expect, test } from 'vitest';
import type { OldPrimaryWal, Result } from '../../../../src/contracts/result.ts';
import { stageRows, stageSentences } from '../../../../src/render/support/stage-rows.ts';
import { judgedRun, losing, passing, unjudged } from '../../../helpers/sample-results.ts';

const wal: OldPrimaryWal = {
  node: 'pg1',
  folder: 'evidence/pg1-1',
  timeline: 1,
  forkLsn: '0/5000000',
  endLsn: '0/50003E8',
  commits: 2000,
  aborts: 0,
  acknowledged: 2000,
  written: 2000,
  lost: 2000,
  overwritten: 0,
  missing: [],
  problem: null,
};

const agreeing = losing.replicas.map((replica) => ({
  ...replica,
  status: 'agrees' as const,
  missing: 0,
  extra: 0,
  corrupted: 0,
}));

/** 10,000 acknowledged, 2,000 of them lost at the fork. */
const forked: Result = { ...losing, wal: [wal], replicas: agreeing };

function withStages(result: Result, stages: Partial<Result['stages']>): Result {
  return { ...result, stages: { ...result.stages, ...stages } };
}

const flushedNote = 'Flushed: less those that their server came back without after a crash.';

describe('the stages of the writes', () => {
  test('are counted from the attempt to each consumer, rows apart from writes', () => {
    const delivered = { ...consumer, delivered: 7_990, missing: 10 };
    expect(stageRows({ ...forked, downstream: [delivered] })).toEqual([
      ['attempted', '10,003', ''],
      ['acknowledged', '10,000', '10,000'],
      ['in the WAL of pg1', '10,000', ''],
      ['flushed', '10,000', ''],
      ['on the primary', '8,000', '8,000'],
      ['on replica pg2', '', '7,999'],
      ['at consumer audit', '7,990', ''],
    ]);
  });

  test('a loss at a fork is named on the primary, for the old one had all of it', () => {
    expect(stageSentences(forked)).toEqual([
      '10,000 acknowledged, 10,000 in the WAL of pg1, 10,000 flushed, 8,000 on the primary: 2,000 are missing from there on.',
      flushedNote,
    ]);
  });

  test('a write without a commit record is named in the WAL, before all that lacks it, too', () => {
    const short = withStages({ ...forked, wal: [{ ...wal, written: 1000 }] }, { written: 9_000 });
    expect(stageSentences(short)[0]).toBe(
      '10,000 acknowledged, 9,000 in the WAL of pg1: 1,000 are missing from there on.',
    );
  });

  test('what a crash took is named as not flushed, and the WAL before it as unknown', () => {
    const crashed = withStages({ ...forked, wal: null }, { written: null, flushed: 8_000 });
    expect(stageSentences(crashed)[0]).toBe(
      '10,000 acknowledged, 8,000 flushed: 2,000 are missing from there on, if not earlier: it is unknown how many were in the WAL of an old primary (none was taken).',
    );
  });

  test('a stage that was not counted takes no part in a mismatch, and none is named at it', () => {
    const unknown = withStages({ ...forked, wal: null }, { written: null, flushed: null });
    expect(stageSentences(unknown)).toEqual([
      '10,000 acknowledged, 8,000 on the primary: 2,000 are missing from there on, if not earlier: it is unknown how many were in the WAL of an old primary (none was taken) and flushed.',
    ]);
    expect(stageRows(unknown)).toContainEqual(['flushed', 'unknown', '']);
  });

  test('writes that another replica or a consumer has are not missing from there on', () => {
    const elsewhere = agreeing.map((replica) => ({ ...replica, extra: 2 }));
    for (const result of [
      { ...forked, replicas: elsewhere },
      { ...forked, downstream: [{ ...consumer, phantoms: 1 }] },
    ]) {
      expect(stageSentences(result)[0]).toMatch(/: 2,000 are missing there\.$/);
    }
  });

  test('an update that was overwritten is missing at no stage, which is said', () => {
    const kept = judgedRun('pass', [], { wal: [{ ...wal, lost: 1811, overwritten: 189 }] });
    expect(stageSentences(withStages(kept, { written: 1000, flushed: 1000 }))).toEqual([
      'Of 1,000 acknowledged writes none is missing at a stage that was counted: in the WAL of pg1, flushed, on the primary, on replica pg2 and on replica pg3.',
      flushedNote,
      '189 updates past a fork count as there, for their rows were written again since.',
    ]);
  });

  test('deleted rows are no loss: fates decide what is missing, not the number of rows', () => {
    const records = { inserted: 900, found: 900, lost: 0 };
    const deleted = withStages(judgedRun('pass', [], { records }), { onPrimary: 900 });
    expect(stageSentences(deleted)[0]).toMatch(
      /none is missing at a stage that was counted: on the/,
    );
  });

  test('rows that a delete without a journal may have taken leave the primary unknown', () => {
    const undecided = judgedRun('unknown', [], { writes: { durable: 990 } });
    expect(stageSentences(undecided)[0]).toBe(
      'Of 1,000 acknowledged writes none is missing at a stage that was counted: on replica pg2 and on replica pg3; unknown: how many were in the WAL of an old primary, flushed and on the primary.',
    );
    expect(stageRows(undecided)).toContainEqual(['on the primary', 'unknown', '1,000']);
  });

  test('a replica and a consumer lack rows of the primary, the replicas first', () => {
    const behind = { ...passing.replicas[0]!, status: 'differs', missing: 3, stale: 2 } as const;
    const short = { ...consumer, missing: 1 };
    const both = { ...passing, replicas: [behind], downstream: [short] };
    expect(stageSentences(both)).toEqual([
      '1,000 acknowledged, 1,000 on the primary: of its rows, 5 are missing or older on replica pg2.',
    ]);
    expect(stageSentences({ ...passing, downstream: [short] })).toEqual([
      '1,000 acknowledged, 1,000 on the primary: of its writes, 1 is missing at consumer audit.',
    ]);
  });

  test('counts of incomplete journals are the least that they can be', () => {
    const least = { ...forked, journal: { ...forked.journal, missingWriters: 1 } };
    expect(stageSentences(least)[0]).toMatch(
      /^at least 10,000 acknowledged, .* at least 8,000 on the primary: at least 2,000 are missing/,
    );
  });

  test('of a run that was not read, or acknowledged nothing, claim nothing', () => {
    expect(stageSentences(unjudged)).toEqual([
      'It is unknown how many of 1,000 acknowledged writes were in the WAL of an old primary, flushed, on the primary and on replica pg2.',
    ]);
    expect(stageSentences(withStages(passing, { acknowledged: null }))).toEqual([
      'How far acknowledged writes came is unknown.',
    ]);
    expect(stageRows(withStages(passing, { acknowledged: 0 }))).toEqual([]);
  });
});

const consumer: NonNullable<Result['downstream']>[number] = {
  name: 'audit',
  reason: null,
  expected: 8000,
  delivered: 8000,
  missing: 0,
  missingAt: { slot: 0, consumer: 0, sink: 0 },
  skipped: 0,
  duplicates: 0,
  outOfOrder: 0,
  corrupted: 0,
  phantoms: 0,
  longestLagMs: 10,
  gaps: [],
  missingRanges: [],
  confirmedLsn: null,
  starts: 1,
  stopped: null,
};
