import { expect, test } from 'vitest';
import type { DeliveredChange } from '../../../../src/contracts/downstream.ts';
import type { LoggedChange } from '../../../../src/judge/downstream/answer-log.ts';
import { judgeConsumer } from '../../../../src/judge/downstream/judge-consumer.ts';
import { historiesOf } from '../../../helpers/histories.ts';

/**
 * Writer 1 inserts rows 0, 1 and 2, updates row 0 to version 1 and 2, deletes row 1, and updates row 0 to version 3, which lies past the
 * fork, and to 4, without an answer, and to 5. Each is committed 100 bytes behind the one before.
 */
const lost = 1600;

function logged(
  kind: LoggedChange['kind'],
  [seq, version, lsn]: readonly [seq: number, version: number, lsn: number],
): LoggedChange {
  const position = { node: 'pg1', timeline: 1, lsn, atUs: lsn };
  return { kind, seq, version, before: 3, outcome: 'acknowledged', position };
}

const changes: readonly LoggedChange[] = [
  logged('update', [0, 1, 1300]),
  logged('update', [0, 2, 1400]),
  logged('delete', [1, 0, 1500]),
  logged('update', [0, 3, lost]),
  { ...logged('update', [0, 4, 0]), outcome: 'indeterminate', position: undefined },
  logged('update', [0, 5, 1800]),
];

const histories = historiesOf(
  {
    1: {
      present: [
        [0, 0],
        [2, 2],
      ],
      versions: [[0, 5]],
      changes,
    },
  },
  { lsn: (_writer, seq) => 1000 + 100 * seq, answeredUs: () => 0 },
  { isOnHistory: ({ lsn }) => lsn !== lost },
);

function change(kind: DeliveredChange['kind'], seq: number, version: number, lsn: number) {
  const isSound = kind === 'delete' ? null : true;
  return { batch: 1, kind, writer: 1, seq, version, lsn: BigInt(lsn + 50), isSound };
}

const delivered: readonly DeliveredChange[] = [
  change('insert', 0, 0, 1000),
  change('insert', 1, 0, 1100),
  change('insert', 2, 0, 1200),
  change('update', 0, 1, 1300),
  change('update', 0, 2, 1400),
  change('delete', 1, 0, 1500),
  change('update', 0, 5, 1800),
];

function judged(held: readonly DeliveredChange[], consumer: 'cdc' | 'subscription' = 'cdc') {
  return judgeConsumer(
    {
      name: 'feed',
      consumer,
      sink: { status: 'read', confirmed: 2000n, changes: held, readAtUs: 0 },
      gaps: [],
      said: 2000n,
      starts: 1,
      stopped: null,
      batchAtUs: () => 0,
    },
    histories,
    { hasChanges: true },
  );
}

const calm = {
  expected: 7,
  delivered: 7,
  missing: 0,
  skipped: 0,
  duplicates: 0,
  outOfOrder: 0,
  corrupted: 0,
  phantoms: 0,
  uncertain: 1,
  differing: 0,
  missingRanges: [],
  anomalies: [],
};

test('every change on the history is expected once, one without an answer is uncertain, and one past the fork is neither', () => {
  expect(judged(delivered)).toMatchObject(calm);
});

test('an update that a later one hides, and a delete, are missing by their names', () => {
  const held = delivered.filter(({ kind, version }) => kind !== 'delete' && version !== 2);
  expect(judged(held)).toMatchObject({
    ...calm,
    delivered: 5,
    missing: 2,
    missingAt: { slot: 0, consumer: 2, sink: 0 },
    skipped: 2,
    // The row that was deleted is still there.
    differing: 1,
    missingRanges: [
      { writer: 1, from: 0, to: 0, operation: 'update', versions: [2, 2], at: 'consumer' },
      { writer: 1, from: 1, to: 1, operation: 'delete', at: 'consumer' },
    ],
  });
});

test('an update that is doubled, one that comes late and one that was changed are each found', () => {
  const [first, ...others] = delivered.filter(({ version }) => version !== 1);
  const late = change('update', 0, 1, 1300);
  const held = first ? [first, ...others, { ...late, isSound: false }, late] : [];
  expect(judged(held)).toMatchObject({
    ...calm,
    duplicates: 1,
    outOfOrder: 1,
    corrupted: 1,
    // The last change of row 0 in the sink is an old one.
    differing: 1,
    anomalies: ['duplicated', 'outOfOrder', 'corrupted'].map((kind) => {
      return { kind, writer: 1, from: 0, to: 0, operation: 'update', versions: [1, 1] };
    }),
  });
});

test('a delivered update that lies past the fork is a phantom, and an uncertain one is nothing', () => {
  const held = [...delivered.slice(0, -1), change('update', 0, 3, lost), change('update', 0, 4, 1)];
  const found = judged([...held, change('update', 0, 5, 1800)]);
  const phantom = { kind: 'phantom', writer: 1, from: 0, to: 0, operation: 'update' };
  expect(found).toMatchObject({
    ...calm,
    phantoms: 1,
    anomalies: [{ ...phantom, versions: [3, 3] }],
  });
});

/** What a subscription has left of the rows. */
const rows: readonly DeliveredChange[] = [change('insert', 0, 5, 0), change('insert', 2, 0, 0)];

test('of rows that are changed in place, last versions and deletes are known, and what went before is uncertain', () => {
  expect(judged(rows, 'subscription')).toMatchObject({
    ...calm,
    expected: 4,
    delivered: 4,
    skipped: null,
    duplicates: null,
    outOfOrder: null,
    // Versions 1, 2 and 4 of row 0, and the insert of the deleted row.
    uncertain: 4,
  });
});

test('a row in an older version, one that should be deleted and one that is not there are missing writes', () => {
  const held = [change('insert', 0, 2, 0), change('insert', 1, 0, 0)];
  expect(judged(held, 'subscription')).toMatchObject({
    expected: 5,
    delivered: 2,
    missing: 3,
    uncertain: 3,
    differing: 3,
    missingRanges: [
      { writer: 1, from: 2, to: 2, at: 'unknown' },
      { writer: 1, from: 0, to: 0, operation: 'update', versions: [5, 5], at: 'unknown' },
      { writer: 1, from: 1, to: 1, operation: 'delete', at: 'unknown' },
    ],
  });
});
