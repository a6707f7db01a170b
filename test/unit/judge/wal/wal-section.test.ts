import { expect, test } from 'vitest';
import type { TakenEvidence } from '../../../../src/contracts/evidence.ts';
import { LostLog } from '../../../../src/judge/ledger/lost-log.ts';
import { journaledWal, walSection } from '../../../../src/judge/wal/wal-section.ts';
import { commitsAround } from '../../../../src/judge/wal/taken-wal.ts';
import type { OldWal } from '../../../../src/judge/wal/old-wal.ts';
import type { PlacedWrite } from '../../../../src/judge/wal/journaled-writes.ts';
import { walSentences } from '../../../../src/render/support/wal-sentences.ts';

const fork = 0x5_000_000;
const taken: TakenEvidence = {
  node: 'pg1',
  folder: 'evidence/pg1-1',
  takenAtMs: 12_000,
  durationMs: 300,
  timeline: 1,
  forkLsn: '0/5000000',
  segments: ['000000010000000000000005'],
  copyBytes: null,
  skipped: [],
};

function commit(lsn: number, lastRecord = lsn) {
  const end = { kind: 'commit', atMs: 0, xid: lsn, subtransactions: [] } as const;
  return { ...end, first: lastRecord - 80, lastRecord, lsn, next: lsn + 40 };
}

/** Row 3 stands before the fork, and was committed past it. */
const wal: OldWal = {
  timeline: 1,
  fork,
  keptFrom: fork - 65_536,
  files: 1,
  from: fork - 1000,
  end: fork + 1000,
  shutdownAt: undefined,
  transactions: [
    commit(fork - 200),
    commit(fork + 8, fork - 40),
    commit(fork + 200),
    { ...commit(fork + 400), kind: 'abort' },
    commit(fork + 500),
  ],
};

function write(seq: number, lsn: number, more: Partial<PlacedWrite> = {}): PlacedWrite {
  const insert = {
    writer: 0,
    kind: 'insert',
    outcome: 'acknowledged',
    count: 1,
    version: 0,
  } as const;
  return { ...insert, seq, lsn, answeredUs: 11_000_000, isNodeKnown: true, ...more };
}

function sectionOf(writes: readonly PlacedWrite[]) {
  const lost = new LostLog();
  const one = { writer: 0, kind: 'insert', outcome: 'acknowledged' } as const;
  lost.add({ ...one, from: 3, to: 9, count: 7 });
  const [journaled] = journaledWal([{ taken, wal }]);
  journaled?.journaled?.writes.push(...writes);
  return walSection(journaled ? [journaled] : [], lost)?.[0];
}

test('what was acknowledged past the fork, is in the WAL and is lost are the same writes', () => {
  const section = sectionOf([write(2, fork - 200), write(3, fork - 40), write(4, fork + 200)]);
  expect(section).toEqual({
    node: 'pg1',
    folder: 'evidence/pg1-1',
    timeline: 1,
    forkLsn: '0/5000000',
    endLsn: '0/50003E8',
    problem: null,
    commits: 3,
    aborts: 1,
    acknowledged: 2,
    written: 2,
    lost: 2,
    overwritten: null,
    missing: [],
  });
  expect(walSentences({ wal: section ? [section] : null })).toEqual([
    'On pg1 past the fork 0/5000000, acknowledged: 2; written to its WAL: 2; lost: 2.',
  ]);
});

test('an acknowledged write without a commit record is named, and the sentence says at which stage it is missing', () => {
  const section = sectionOf([write(4, fork + 200), write(5, fork + 700)]);
  expect(section).toMatchObject({
    acknowledged: 2,
    written: 1,
    missing: [{ writer: 0, seq: 5, lsn: '0/50002BC' }],
  });
  expect(walSentences({ wal: section ? [section] : null })).toEqual([
    'On pg1 past the fork 0/5000000, acknowledged: 2; written to its WAL: 1; lost: 2: 1 acknowledged write is not in the WAL that was taken of it later, which ends at 0/50003E8.',
  ]);
});

test('WAL that ends before what its server had acknowledged by then says nothing, for it may be of another server', () => {
  const section = sectionOf([write(4, fork + 200), write(5, fork + 2000)]);
  const counts = { acknowledged: null, written: null, lost: null, missing: [] };
  expect(section).toMatchObject({ ...counts, endLsn: '0/50003E8' });
  expect(walSentences({ wal: section ? [section] : null })).toEqual([
    'What stands in the WAL of pg1 is unknown: it ends at 0/50003E8, before what pg1 had acknowledged by then (up to 0/50007D0): ' +
      'WAL of another server was written over it, or its server came back without the rest.',
  ]);
});

test('a write is not missing in WAL that was taken before it was acknowledged, or that may be of another server', () => {
  const later = write(5, fork + 700, { answeredUs: 12_000_001 });
  const hidden = write(6, fork + 800, { isNodeKnown: false });
  expect(sectionOf([write(4, fork + 200), later, hidden])).toMatchObject({
    acknowledged: 1,
    written: 1,
    missing: [],
  });
});

test('WAL that could not be read counts nothing, and a run without WAL has no section', () => {
  const problem = 'no WAL of timeline 1 is in evidence/pg1-1';
  const found = walSection(journaledWal([{ taken, problem }]), undefined);
  expect(found).toMatchObject([{ acknowledged: null, written: null, lost: null, problem }]);
  expect(walSentences({ wal: found ?? null })).toEqual([
    `What stands in the WAL of pg1 is unknown: ${problem}.`,
  ]);
  expect(walSection([], undefined)).toBeNull();
});

test('the commits on either side of the fork are told apart', () => {
  expect(commitsAround([{ taken, wal }])).toEqual([
    {
      timeline: 1,
      fork,
      from: fork - 1000,
      commits: [{ commit: fork - 200, lastRecord: fork - 200 }],
      open: [fork - 40, fork + 200, fork + 500],
    },
  ]);
});
