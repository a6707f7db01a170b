import { describe, expect, it } from 'vitest';
import type { OperationRecord } from '../../../../src/contracts/evidence.ts';
import { expectations, expectedRanges } from '../../../../src/judge/ledger/expected.ts';
import { judgePrimary } from '../../../../src/judge/ledger/fates.ts';
import { judgeReplica } from '../../../../src/judge/ledger/replica.ts';
import { foldInMemory, journal, operation, reading } from '../../../histories/in-memory.ts';

const ten = operation({ count: 10 });
const none = {
  durable: 0,
  lost: 0,
  lostLocalOnly: 0,
  recovered: 0,
  dropped: 0,
  unexpected: 0,
  rejected: 0,
  lostUpdates: 0,
  lostDeletes: 0,
  duplicated: 0,
  corrupted: 0,
  reissued: null,
};
const outcomes = { acknowledged: 0, localOnly: 0, failed: 0, indeterminate: 0 };

function writesOf(records: readonly OperationRecord[], found: Parameters<typeof reading>[0]) {
  return judgePrimary(foldInMemory([journal(records)]), reading(found)).writes;
}

describe('fates', () => {
  it('name the acknowledged rows that are absent', () => {
    const verdict = judgePrimary(
      foldInMemory([journal([ten])]),
      reading([
        {
          writer: 0,
          present: [
            [0, 2],
            [5, 8],
          ],
        },
      ]),
    );
    const lost = { writer: 0, kind: 'insert', outcome: 'acknowledged' };
    expect({ ...verdict, lost: [...verdict.lost] }).toEqual({
      isJudged: true,
      reason: null,
      strangers: 0,
      undecided: 0,
      writes: { ...outcomes, attempted: 10, acknowledged: 10, ...none, durable: 7, lost: 3 },
      records: { inserted: 10, found: 7, lost: 3 },
      lost: [
        { ...lost, from: 3, to: 4, count: 2 },
        { ...lost, from: 9, to: 9, count: 1 },
      ],
      unexpected: [],
      duplicated: [],
      corrupted: [],
    });
  });

  it('of an unread primary are unknown, not lost', () => {
    const unread = reading([], { status: 'unverifiable', reason: 'pg1 does not answer' });
    const verdict = judgePrimary(foldInMemory([journal([ten])]), unread);
    expect(verdict.reason).toBe('pg1 does not answer');
    expect(verdict.isJudged).toBe(false);
    expect([...verdict.lost]).toEqual([]);
    expect(new Set(Object.keys(none).map((k) => verdict.writes[k as keyof typeof none]))).toEqual(
      new Set([null]),
    );
  });

  it('are recovered for an indeterminate write that survives, and dropped for one that does not', () => {
    const records = [
      operation({ outcome: 'indeterminate' }),
      operation({ seq: 1, outcome: 'indeterminate' }),
    ];
    expect(writesOf(records, [{ writer: 0, present: [[0, 0]] }])).toEqual({
      attempted: 2,
      ...outcomes,
      indeterminate: 2,
      ...none,
      recovered: 1,
      dropped: 1,
    });
  });

  it('are unexpected for a failed write that is present', () => {
    const records = [operation({ outcome: 'failed' }), operation({ seq: 1, outcome: 'failed' })];
    expect(writesOf(records, [{ writer: 0, present: [[1, 1]] }])).toEqual({
      attempted: 2,
      ...outcomes,
      failed: 2,
      ...none,
      unexpected: 1,
      rejected: 1,
    });
  });

  it('distinguish a cancelled wait for a standby from a plain acknowledgement', () => {
    expect(writesOf([operation({ outcome: 'localOnly' })], [])).toEqual({
      attempted: 1,
      ...outcomes,
      localOnly: 1,
      ...none,
      lostLocalOnly: 1,
    });
  });

  it('are lostUpdates for a version below the last acknowledged one', () => {
    const update = (version: number, over = {}) => operation({ kind: 'update', version, ...over });
    const records = [operation(), update(1), update(2), update(3, { outcome: 'indeterminate' })];
    const found = { writer: 0, present: [[0, 0]], versions: [[0, 1]] } as const;
    const verdict = judgePrimary(foldInMemory([journal(records)]), reading([found]));
    expect(verdict.writes).toEqual({
      attempted: 4,
      ...outcomes,
      acknowledged: 3,
      indeterminate: 1,
      ...none,
      durable: 2,
      lostUpdates: 1,
      dropped: 1,
    });
    expect([...verdict.lost]).toEqual([
      {
        writer: 0,
        kind: 'update',
        outcome: 'acknowledged',
        from: 0,
        to: 0,
        versions: [2, 2],
        count: 1,
        isRowGone: false,
      },
    ]);
  });

  it('are lostDeletes for an acknowledged delete whose row is back, and durable for a row that an uncertain delete removed', () => {
    const records = [
      ten,
      operation({ kind: 'delete', seq: 0 }),
      operation({ kind: 'delete', seq: 1, outcome: 'indeterminate' }),
      operation({ kind: 'delete', seq: 2, outcome: 'failed' }),
    ];
    const found = [
      {
        writer: 0,
        present: [
          [0, 0],
          [3, 9],
        ],
      },
    ] as const;
    expect(writesOf(records, found)).toEqual({
      attempted: 13,
      ...outcomes,
      acknowledged: 11,
      failed: 1,
      indeterminate: 1,
      ...none,
      durable: 9,
      lost: 1,
      recovered: 1,
      lostDeletes: 1,
      rejected: 1,
    });
  });

  it('are indeterminate for rows after an unfinished journal, and unexpected after a complete one', () => {
    const found = reading([{ writer: 0, present: [[0, 12]] }]);
    const unfinished = foldInMemory([journal([ten], { isFinished: false })]);
    expect(judgePrimary(unfinished, found).writes).toEqual({
      attempted: 13,
      ...outcomes,
      acknowledged: 10,
      indeterminate: 3,
      ...none,
      durable: 10,
      recovered: 3,
    });
    const whole = judgePrimary(foldInMemory([journal([ten])]), found);
    expect(whole.unexpected).toEqual([{ writer: 0, from: 10, to: 12, why: 'neverSent', count: 3 }]);
  });

  it('are undecided for a row that a delete without a record may have removed', () => {
    const ledger = foldInMemory([journal([ten], { isFinished: false })], { hasDeletes: true });
    const verdict = judgePrimary(ledger, reading([{ writer: 0, present: [[0, 8]] }]));
    expect({ lost: verdict.writes.lost, undecided: verdict.undecided }).toEqual({
      lost: 0,
      undecided: 1,
    });
  });

  it('are recovered for rows of a writer whose journal is missing, and unexpected for those of no writer', () => {
    const ledger = foldInMemory([journal([ten])], { writers: 2 });
    const foreign = [{ writer: 9, count: 2, seqs: [4] }];
    const found = [
      { writer: 0, present: [[0, 9]] },
      { writer: 1, present: [[0, 4]] },
    ] as const;
    const verdict = judgePrimary(ledger, reading(found, { foreign }));
    expect(verdict.writes).toEqual({
      attempted: 15,
      ...outcomes,
      acknowledged: 10,
      indeterminate: 5,
      ...none,
      durable: 10,
      recovered: 5,
      unexpected: 2,
    });
    expect(verdict.strangers).toBe(2);
    expect(ledger.problems()).toEqual(['no journal holds 1 of 2 writers']);
  });

  it('count copies and corrupted rows in addition', () => {
    const row = { writer: 0, present: [[0, 9]], duplicated: [[4, 2]], corrupted: [1, 5] } as const;
    const verdict = judgePrimary(foldInMemory([journal([ten])]), reading([row]));
    expect({ duplicated: verdict.duplicated, corrupted: verdict.corrupted }).toEqual({
      duplicated: [{ writer: 0, seq: 4, copies: 2 }],
      corrupted: [
        { writer: 0, seq: 1 },
        { writer: 0, seq: 5 },
      ],
    });
  });
});

describe('an impossible journal', () => {
  const impossible: readonly [string, readonly OperationRecord[]][] = [
    ['a gap', [operation(), operation({ seq: 2 })]],
    ['a seq used twice', [ten, operation({ seq: 9 })]],
    [
      'an update of a row never inserted',
      [ten, operation({ kind: 'update', seq: 10, version: 1 })],
    ],
    ['a version left out', [ten, operation({ kind: 'update', version: 2 })]],
  ];
  it.each(impossible)('is refused: %s', (_, records) => {
    expect(() => foldInMemory([journal(records)])).toThrow(/writer 0/);
  });

  it('is refused: two journals of one writer', () => {
    expect(() => foldInMemory([journal([]), journal([])])).toThrow(/both hold writer 0/);
  });
});

describe('the expectation of the read-back', () => {
  const records = [
    ten,
    operation({ seq: 10, outcome: 'failed' }),
    operation({ seq: 11, outcome: 'indeterminate', count: 2 }),
    operation({ kind: 'delete', seq: 2 }),
    operation({ kind: 'delete', seq: 3, outcome: 'indeterminate' }),
    operation({ kind: 'update', seq: 5, version: 1 }),
    operation({ kind: 'update', seq: 5, version: 2, outcome: 'failed' }),
    operation({ kind: 'update', seq: 6, version: 1, outcome: 'indeterminate' }),
    operation({ kind: 'update', seq: 7, version: 1, outcome: 'localOnly' }),
  ];

  it('distinguishes rows that must be present from those that may or must not be', () => {
    expect(expectedRanges(foldInMemory([journal(records)]), 0)).toEqual({
      must: [
        [0, 1],
        [4, 9],
      ],
      may: [
        [3, 3],
        [11, 12],
      ],
      mustNot: [
        [2, 2],
        [10, 10],
      ],
      next: 13,
      isFinished: true,
    });
  });

  it('is certain of a version unless the last attempt is indeterminate', () => {
    const [expectation] = expectations(foldInMemory([journal(records)]));
    expect(expectation).toEqual({
      writer: 0,
      present: [
        [0, 1],
        [4, 9],
      ],
      uncertain: [
        [2, 3],
        [6, 6],
        [10, 12],
      ],
      versions: new Map([
        [5, 1],
        [7, 1],
      ]),
    });
  });
});

describe('a replica', () => {
  const present = [[0, 9]] as const;
  const primary = reading([{ writer: 0, present, versions: [[3, 2]] }]);

  it('that holds the same rows as the primary agrees', () => {
    const its = reading(primary.writers, { node: 'pg2', role: 'replica', lagBytes: 0 });
    expect(judgeReplica(primary, its)).toEqual({
      verdict: {
        node: 'pg2',
        status: 'agrees',
        reason: null,
        missing: 0,
        extra: 0,
        corrupted: 0,
        stale: 0,
        lagBytes: 0,
      },
      missing: [],
      extra: [],
      corrupted: [],
      stale: [],
    });
  });

  it('differs by missing, extra, corrupted and older rows: an older one is stale', () => {
    const writers = [
      { writer: 0, present: [[1, 11]], versions: [[3, 1]], corrupted: [7] },
    ] as const;
    const its = reading(writers, { node: 'pg2', role: 'replica' });
    expect(judgeReplica(primary, its)).toEqual({
      verdict: {
        node: 'pg2',
        status: 'differs',
        reason: null,
        missing: 1,
        extra: 2,
        corrupted: 1,
        stale: 1,
        lagBytes: null,
      },
      missing: [{ writer: 0, rows: [[0, 0]] }],
      extra: [{ writer: 0, rows: [[10, 11]] }],
      corrupted: [{ writer: 0, rows: [[7, 7]] }],
      stale: [{ writer: 0, rows: [[3, 3]] }],
    });
  });

  it('that has replayed all and has more rows is of another history, or damaged; one that is behind may lack a deletion', () => {
    const writers = [{ writer: 0, present: [[0, 11]] }] as const;
    const reasonAt = (lagBytes: number) =>
      judgeReplica(primary, reading(writers, { node: 'pg2', role: 'replica', lagBytes })).verdict
        .reason;
    expect(reasonAt(0)).toBe(
      'it is on timeline 1 as the primary is, and has 2 rows that the primary has not: two servers have written on a timeline of that number, or one of them is damaged',
    );
    expect(reasonAt(100)).toBeNull();
  });

  it('with a version that the primary lacks has an extra row, not a corrupted one', () => {
    const its = reading([{ writer: 0, present, versions: [[3, 5]] }], { node: 'pg2' });
    const { verdict } = judgeReplica(primary, its);
    expect(verdict).toMatchObject({ missing: 0, extra: 1, corrupted: 0, stale: 0 });
  });

  it('with more rows that were never sent has extra rows', () => {
    const its = reading(primary.writers, { node: 'pg2', unkeyed: 2 });
    expect(judgeReplica(primary, its).verdict.extra).toBe(2);
  });

  it('that could not be read is unverifiable, and so is one without a primary to compare with', () => {
    const its = reading([], { node: 'pg2', status: 'unverifiable', reason: 'gone' });
    expect(judgeReplica(primary, its).verdict.reason).toBe('gone');
    expect(judgeReplica(undefined, primary).verdict.status).toBe('unverifiable');
  });
});
