import { expect, test } from 'vitest';
import type { DeliveredChange } from '../../../src/contracts/downstream.ts';
import type { LoggedChange } from '../../../src/judge/downstream/answer-log.ts';
import { judgeConsumer } from '../../../src/judge/downstream/judge-consumer.ts';
import { sinkDamages } from '../../../src/selftest/consumers/damage-sink.ts';
import { sinkDifferences } from '../../../src/selftest/consumers/sink-differences.ts';
import type { SinkEvent } from '../../../src/selftest/consumers/sink-event.ts';
import { namesOf } from '../../../src/selftest/findings.ts';
import { seededRandom } from '../../../src/std/random.ts';
import { historiesOf } from '../../helpers/histories.ts';
import { formatLsn, parseLsn } from '../../../src/std/units/lsn.ts';

/**
 * Two writers in turn, 20 rows each, of which the first two are updated again and again and the next four are deleted; a change is sound
 * when its content names its key.
 */
const inserts = Array.from({ length: 40 }, (_, at) => {
  const [writer, seq] = [at % 2, Math.floor(at / 2)];
  return { kind: 'insert', writer, seq, version: 0 } as const;
});
const updates = Array.from({ length: 16 }, (_, at) => {
  const [writer, seq] = [at % 2, Math.floor(at / 2) % 2];
  return { kind: 'update', writer, seq, version: 1 + Math.floor(at / 4) } as const;
});
const deletes = Array.from({ length: 8 }, (_, at) => {
  return { kind: 'delete', writer: at % 2, seq: 2 + Math.floor(at / 2), version: 0 } as const;
});
const writes = [...inserts, ...updates, ...deletes];
const lsnAt = (at: number) => 1000 + 100 * at;

const events = writes.map(({ kind, ...row }, at): SinkEvent => ({
  batch: 1 + Math.floor(at / 10),
  kind,
  relation: 'public.ledger',
  lsn: formatLsn(BigInt(lsnAt(at) + 50)),
  row: { ...row, payload: `${row.writer} ${row.seq} ${row.version}` },
}));
const next = [0, 1].map((writer) => ({ writer, seq: 20 }));

const rows = [0, 1].map((writer) => {
  const changes = writes.flatMap((write, at): LoggedChange[] => {
    const { kind, seq, version } = write;
    if (write.writer !== writer || kind === 'insert') return [];
    const position = { node: 'pg1', timeline: 1, lsn: lsnAt(at), atUs: 0 };
    return [{ kind, seq, version, before: 20, outcome: 'acknowledged', position }];
  });
  const present: [number, number][] = [
    [0, 1],
    [6, 19],
  ];
  const versions: [number, number][] = [
    [0, 4],
    [1, 4],
  ];
  return { present, versions, changes };
});
const histories = historiesOf(Object.fromEntries(rows.entries()), {
  answeredUs: () => 0,
  lsn: (writer, seq) => lsnAt(2 * seq + writer),
});

function judged(held: readonly SinkEvent[]) {
  const changes = held.map(({ batch, kind, lsn, row: { writer, seq, version, payload } }) => ({
    batch,
    kind: kind as DeliveredChange['kind'],
    writer: Number(writer),
    seq: Number(seq),
    version: Number(version),
    lsn: parseLsn(lsn),
    isSound: payload === `${Number(writer)} ${Number(seq)} ${Number(version)}`,
  }));
  const confirmed = 9000n;
  return judgeConsumer(
    {
      name: 'feed',
      consumer: 'cdc',
      sink: { status: 'read', confirmed, changes, readAtUs: 0 },
      gaps: [],
      said: confirmed,
      starts: 1,
      stopped: null,
      batchAtUs: () => 0,
    },
    histories,
    { hasChanges: true },
  );
}

test('the judge names exactly the planted events, whichever are chosen', () => {
  const calm = judged(events);
  for (const damage of sinkDamages) {
    for (let seed = 0; seed < 50; seed++) {
      const planted = damage.plan(events, next, seededRandom(seed));
      expect(sinkDifferences(planted, calm, judged(planted.events)), planted.what).toEqual([]);
    }
  }
});

test('a judge that finds nothing, or something else, is caught by its numbers and its names', () => {
  const calm = judged(events);
  const [removal, repetition] = sinkDamages.map((damage) => {
    return damage.plan(events, next, seededRandom(1));
  });
  if (!removal || !repetition) throw new Error('there are no damages');
  expect(sinkDifferences(removal, calm, calm)).toEqual([
    'delivered: 61 expected, 64 found',
    'missing: 3 expected, 0 found',
    'skipped: 3 expected, 0 found',
    'differing: 3 expected, 0 found',
    'missing at consumer: 3 expected, 0 found',
    ...namesOf(removal.findings).map((name) => `not reported: ${name}`),
  ]);
  const other = judged(repetition.events);
  expect(sinkDifferences(removal, calm, other)).toContain('duplicates: 0 expected, 3 found');
  expect(sinkDifferences(removal, calm, other)).toContainEqual(
    expect.stringMatching(/^reported without cause: duplicated: /),
  );
});
