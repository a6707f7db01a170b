import fc from 'fast-check';
import { it } from 'vitest';
import type { Ranges } from '../../../src/contracts/evidence.ts';
import * as ranges from '../../../src/std/ranges.ts';
import { RangeSet } from '../../../src/std/range-set.ts';
import { expectSame } from '../../helpers/expect-same.ts';

const numbers = fc.array(fc.nat(30), { maxLength: 20 });
const listOf = (of: Ranges): number[] =>
  of.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
const sorted = (of: Iterable<number>) => [...of].sort((a, b) => a - b);

it('ranges behave like sets', () => {
  const property = fc.property(numbers, numbers, fc.nat(30), fc.nat(30), (a, b, from, to) => {
    const [left, right] = [new Set(a), new Set(b)];
    const [mine, its] = [ranges.rangesOf(a), ranges.rangesOf(b)];
    expectSame(listOf(mine), sorted(left));
    expectSame(listOf(ranges.union(mine, its)), sorted(new Set([...a, ...b])));
    expectSame(
      listOf(ranges.intersect(mine, its)),
      sorted(left).filter((number) => right.has(number)),
    );
    expectSame(
      listOf(ranges.subtract(mine, its)),
      sorted(left).filter((number) => !right.has(number)),
    );
    expectSame(ranges.count(mine), left.size);
    expectSame(ranges.contains(mine, from), left.has(from));
    const inside = sorted(left).filter((number) => number >= from && number <= to);
    expectSame(listOf(ranges.clip(mine, from, to)), inside);
    // Never adjacent: adjacent ranges are merged.
    expectSame(ranges.normalize(ranges.union(mine, its)), ranges.union(mine, its));
  });
  fc.assert(property, { numRuns: 5000, seed: 3 });
});

it('a range set holds each number once, and repetitions separately', () => {
  const runs = fc.array(fc.tuple(fc.nat(60), fc.nat(4)), { maxLength: 120 });
  const property = fc.property(runs, (added) => {
    const set = new RangeSet();
    const times = new Map<number, number>();
    for (const [from, length] of added) {
      set.add(from, from + length);
      for (let number = from; number <= from + length; number++) {
        times.set(number, (times.get(number) ?? 0) + 1);
      }
    }
    expectSame(listOf(set.ranges()), sorted(times.keys()));
    const again = [...times].flatMap(([number, n]) => Array.from({ length: n - 1 }, () => number));
    expectSame(sorted(set.repeated().flatMap((range) => listOf([range]))), sorted(again));
  });
  fc.assert(property, { numRuns: 2000, seed: 4 });
});
