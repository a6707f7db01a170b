import { expect, test } from 'vitest';
import type { ArchiveResult, Result } from '../../../../src/contracts/result.ts';
import {
  archiveLines,
  archiveSentences,
  restoreRows,
} from '../../../../src/render/support/archive-rows.ts';

const whole: ArchiveResult = {
  ...{ reason: null, needed: 10, flaws: [], partial: ['000000010000000000000007.partial'] },
  restores: [
    {
      ...{ to: 'fork', lsn: '0/7073420', reason: null, isRefused: false },
      ...{ reachedTimeline: 1, reachedLsn: '0/7073420' },
      ...{ expected: 1485, missing: 0, extra: 0, corrupted: 0, missingRanges: [] },
    },
  ],
};
const of = (more: Partial<ArchiveResult>) =>
  ({ archive: { ...whole, ...more } }) as unknown as Result;

test('a restore that gave all back is told in one line', () => {
  expect(archiveLines(of({}))).toEqual([
    'restore to the fork at 0/7073420: 0 of 1,485 missing, 0 too many, 0 corrupted; ended at 0/7073420, timeline 1',
    'The archive has all 10 segments that a restore to the end reads.',
    'Only a part is there, which no restore reads by itself: 000000010000000000000007.partial.',
  ]);
});

test('each flaw is named with its segment, timeline and position, the first eight of them', () => {
  const flaws = Array.from({ length: 9 }, (_, index) => ({
    ...{ kind: 'neverArchived', segment: `00000001000000000000000${index}`, timeline: 1 },
    ...{ lsn: `0/${index}000000`, what: 'no node archived it' },
  })) as ArchiveResult['flaws'];
  const sentences = archiveSentences(of({ flaws, partial: [], restores: [] }));
  expect(sentences[0]).toBe(
    '000000010000000000000000 (timeline 1, from 0/0000000) was never archived: no node archived it.',
  );
  expect([sentences.length, sentences.at(-1)]).toEqual([9, 'And 1 more.']);
});

test('a restore that was refused says so', () => {
  const [restore] = whole.restores;
  const reason = 'recovery ended before configured recovery target was reached';
  const refused = { ...restore, reason, isRefused: true, reachedLsn: null, missing: null };
  const [line, sentence] = archiveLines(of({ restores: [refused] as ArchiveResult['restores'] }));
  expect(line).toMatch(/unknown of 1,485 missing.*ended at nowhere: it was refused$/);
  expect(sentence).toBe(`PostgreSQL refused the restore to the fork at 0/7073420: ${reason}.`);
});

test('a run without an archive says nothing of one', () => {
  expect(archiveLines({} as Result)).toEqual([]);
});

test('an archive that could not be judged has a row that says so, and the reason', () => {
  const unknown = of({ reason: 'no node is primary now', needed: null, partial: [], restores: [] });
  expect(restoreRows(unknown)).toEqual([['none', ...Array<string>(5).fill('unknown')]]);
  expect(archiveSentences(unknown)).toEqual([
    'The archive could not be judged: no node is primary now.',
  ]);
  expect(restoreRows({} as Result)).toEqual([]);
});
