import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgePrimary } from '../../../../src/judge/ledger/fates.ts';
import { expectSame } from '../../../helpers/expect-same.ts';
import { foldInMemory } from '../../../histories/in-memory.ts';
import { keyOf, naiveVerdict, rowsOf, type NaiveVerdict } from '../../../histories/naive-model.ts';
import { randomRun, type RandomRun } from '../../../histories/random-history.ts';

/** What is in `some` more often than in `others`. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return some.filter((each) => {
    const at = rest.indexOf(each);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function ledgerVerdict(run: RandomRun, hasDeletes = false): NaiveVerdict {
  const verdict = judgePrimary(foldInMemory(run.journals, { hasDeletes }), run.reading);
  const { writes, strangers, undecided } = verdict;
  const lostRows = [...verdict.lost]
    .filter(({ outcome }) => outcome === 'acknowledged')
    .flatMap(({ writer, from, count, kind }) =>
      Array.from({ length: count }, (_, i) => keyOf(writer, kind === 'update' ? from : from + i)),
    );
  const unexpectedRows = verdict.unexpected.flatMap(({ writer, from, count }) =>
    Array.from({ length: count }, (_, index) => keyOf(writer, from + index)),
  );
  return {
    attempted: writes.attempted,
    durable: writes.durable!,
    lost: writes.lost!,
    lostLocalOnly: writes.lostLocalOnly!,
    recovered: writes.recovered!,
    dropped: writes.dropped!,
    unexpected: writes.unexpected!,
    rejected: writes.rejected!,
    lostUpdates: writes.lostUpdates!,
    lostDeletes: writes.lostDeletes!,
    strangers,
    undecided,
    lostRows: lostRows.sort(),
    unexpectedRows: unexpectedRows.sort(),
  };
}

function modelVerdict({ records, writers, found }: RandomRun): NaiveVerdict {
  const hasDeletes = records.some(({ kind }) => kind === 'delete');
  return naiveVerdict({ rows: rowsOf(records), writers, found, hasDeletes });
}

describe('the ledger', () => {
  it(
    'agrees with a naive model on 10,000 random histories and readings',
    { timeout: 60_000 },
    () => {
      const seen = new Set<string>();
      const property = fc.property(randomRun, (run) => {
        const verdict = ledgerVerdict(run);
        expectSame(verdict, modelVerdict(run));
        for (const [name, value] of Object.entries(verdict)) {
          if (typeof value === 'number' && value > 0) seen.add(name);
        }
      });
      fc.assert(property, { numRuns: 10_000, seed: 1 });
      // A property test that never saw a loss has tested nothing.
      expect([...seen].sort()).toEqual([
        ...['attempted', 'dropped', 'durable', 'lost', 'lostDeletes', 'lostLocalOnly'],
        'lostUpdates',
        ...['recovered', 'rejected', 'strangers', 'undecided', 'unexpected'],
      ]);
    },
  );

  it('finds no loss in a shorter journal that the complete one does not have', () => {
    const property = fc.property(
      randomRun,
      fc.array(fc.nat(100), { minLength: 2 }),
      (run, cuts) => {
        const cut = run.journals.map(({ records, ...rest }, index) => {
          const kept = Math.floor((records.length * cuts[index]!) / 100);
          return { ...rest, isFinished: false, records: records.slice(0, kept) };
        });
        const whole = ledgerVerdict(run);
        const less = ledgerVerdict({ ...run, journals: cut }, true);
        expectSame(without(less.lostRows, whole.lostRows), []);
        expectSame(without(less.unexpectedRows, whole.unexpectedRows), []);
      },
    );
    fc.assert(property, { numRuns: 5000, seed: 5 });
  });

  const broken: readonly [string, (verdict: NaiveVerdict, run: RandomRun) => NaiveVerdict][] = [
    [
      'calls recovered writes durable',
      (v) => ({ ...v, durable: v.durable + v.recovered, recovered: 0 }),
    ],
    [
      'overlooks lost updates',
      (v) => ({ ...v, durable: v.durable + v.lostUpdates, lostUpdates: 0 }),
    ],
    [
      'forgets that deletes may go unjournaled',
      (_, { records, writers, found }) =>
        naiveVerdict({ rows: rowsOf(records), writers, found, hasDeletes: false }),
    ],
    [
      'takes every journal for finished',
      (_, { records, writers, found }) => {
        const finished = [...writers].map(([id, w]) => [id, { ...w, isFinished: true }] as const);
        const hasDeletes = records.some(({ kind }) => kind === 'delete');
        return naiveVerdict({
          rows: rowsOf(records),
          writers: new Map(finished),
          found,
          hasDeletes,
        });
      },
    ],
  ];
  it.each(broken)('differs from a model that %s', (_, breakIt) => {
    const property = fc.property(randomRun, (run) => {
      expectSame(ledgerVerdict(run), breakIt(modelVerdict(run), run));
    });
    expect(fc.check(property, { numRuns: 10_000, seed: 1 }).failed).toBe(true);
  });
});
