import { expect, test } from 'vitest';
import { judgeConsumer } from '../../../src/judge/downstream/judge-consumer.ts';
import { sinkDamages } from '../../../src/selftest/consumers/damage-sink.ts';
import { sinkDifferences } from '../../../src/selftest/consumers/sink-differences.ts';
import type { SinkEvent } from '../../../src/selftest/consumers/sink-event.ts';
import { namesOf } from '../../../src/selftest/findings.ts';
import { seededRandom } from '../../../src/std/random.ts';
import { formatLsn, parseLsn } from '../../../src/std/units/lsn.ts';

/** Two writers in turn, 20 rows each; a row is sound when its content names its key. */
const events = Array.from({ length: 40 }, (_, at): SinkEvent => {
  const [writer, seq] = [at % 2, Math.floor(at / 2)];
  return {
    batch: 1 + Math.floor(at / 10),
    kind: 'insert',
    relation: 'public.ledger',
    lsn: formatLsn(BigInt(1050 + 100 * at)),
    row: { writer, seq, payload: `${writer} ${seq}` },
  };
});
const next = [0, 1].map((writer) => ({ writer, seq: 20 }));

function judged(held: readonly SinkEvent[]) {
  const changes = held.map(({ batch, lsn, row: { writer, seq, payload } }) => ({
    batch,
    writer: Number(writer),
    seq: Number(seq),
    version: 0,
    lsn: parseLsn(lsn),
    isSound: payload === `${Number(writer)} ${Number(seq)}`,
  }));
  const confirmed = 6000n;
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
    new Map(next.map(({ writer, seq }) => [writer, [[0, seq - 1]]])),
    { answeredUs: () => 0, lsn: (writer, seq) => 1000 + 100 * (2 * seq + writer) },
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
    'delivered: 37 expected, 40 found',
    'missing: 3 expected, 0 found',
    'skipped: 3 expected, 0 found',
    'missing at consumer: 3 expected, 0 found',
    ...namesOf(removal.findings).map((name) => `not reported: ${name}`),
  ]);
  const other = judged(repetition.events);
  expect(sinkDifferences(removal, calm, other)).toContain('duplicates: 0 expected, 3 found');
  expect(sinkDifferences(removal, calm, other)).toContainEqual(
    expect.stringMatching(/^reported without cause: duplicated: /),
  );
});
