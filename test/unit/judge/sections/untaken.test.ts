import { expect, test } from 'vitest';
import { untakenNotes } from '../../../../src/judge/sections/untaken.ts';
import { withTimeline } from '../../../helpers/sample-results.ts';

const { forks } = withTimeline;
const begin = 'no WAL of an old primary was taken, so what it held past the fork is not counted: ';

test('a run with a fork and without WAL of the old primary says why it has none', () => {
  expect(untakenNotes({ wal: null, forks }, { evidence: 'off' }, [])).toEqual([
    `${begin}the scenario has evidence: off`,
  ]);
  expect(untakenNotes({ wal: null, forks }, {}, [])).toEqual([
    `${begin}no taking began before the end of the run, or its files are not with it`,
  ]);
});

test('nothing is said twice, nor where timelines did not fork', () => {
  const notes = ['no evidence was taken of pg1: its machine has no shell'];
  expect(untakenNotes({ wal: null, forks }, {}, notes)).toEqual([]);
  expect(untakenNotes({ wal: null, forks: [] }, {}, [])).toEqual([]);
});
