import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Injection, LostRange, Result } from '../../../../src/contracts/result.ts';
import { whatHappened, whyThisVerdict } from '../../../../src/render/support/sentences.ts';
import { judgedRun } from '../../../helpers/sample-results.ts';

/* Each claim of a sentence is parsed from its words and recomputed from the run, by other code. */

const causes = ['forked', 'boundary', 'localOnly', 'equalTimelineFork', 'unflushed'] as const;
const nodes = fc.constantFrom('pg1', 'pg2', 'pg3');
const timeMs = fc.integer({ min: 0, max: 60_000 });
const timeline = fc.integer({ min: 1, max: 3 });

const ranges: fc.Arbitrary<LostRange> = fc
  .record({
    node: nodes,
    timeline,
    cause: fc.constantFrom(...causes, 'unexplained' as const, null),
    from: fc.nat(1_000),
    rows: fc.integer({ min: 1, max: 500 }),
    at: timeMs,
    took: timeMs,
    kind: fc.constantFrom('insert' as const, 'update' as const),
  })
  .map(({ from, rows, at, took, kind, ...where }) => ({
    ...where,
    kind,
    writer: 0,
    from,
    to: kind === 'update' ? from : from + rows - 1,
    ...(kind === 'update' && { versions: [1, rows] as const }),
    ackedAtMs: [at, at + took] as const,
    lsn: null,
  }));

const faults: fc.Arbitrary<readonly Injection[]> = fc
  .array(
    fc.record({
      at: timeMs,
      took: fc.nat(300),
      heldMs: fc.nat(30_000),
      isHarmless: fc.boolean(),
      isForced: fc.boolean(),
      isHealed: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((all) =>
    all.map(({ at, took, heldMs, isHarmless, isForced, isHealed }, index) => ({
      id: `fault-${index}#1`,
      fault: 'partition',
      targets: ['pg1'],
      plannedAtMs: at,
      injectedAtMs: at,
      inForceAtMs: isForced ? at + took : null,
      healedAtMs: isHealed ? at + took + heldMs : null,
      ...(isHarmless && { isHarmless: true as const }),
    })),
  );

const forks: fc.Arbitrary<Result['forks']> = fc.array(
  fc.record({
    takenOverAtMs: fc.option<number>(timeMs),
    parentTimeline: fc.constant(1),
    timeline,
    lsn: fc.constant('0/5000000'),
    oldPrimary: fc.option(nodes),
    newPrimary: fc.option(nodes),
    divergentBytes: fc.constant(null),
  }),
  { maxLength: 5 },
);

const runs: fc.Arbitrary<Result> = fc
  .record({
    lostRanges: fc.array(ranges, { maxLength: 6 }),
    faults,
    forks,
    rtoMs: fc.option(timeMs),
    undone: fc.nat(3),
    status: fc.constantFrom('pass' as const, 'fail' as const, 'unknown' as const),
    staleHolders: fc.array(fc.record({ node: nodes, before: nodes, timeline, atMs: timeMs }), {
      maxLength: 2,
    }),
    longestMs: fc.option(timeMs),
  })
  .map(({ lostRanges, rtoMs, undone, status, longestMs, ...rest }) => {
    const lost = sum(lostRanges.filter(({ cause }) => cause !== 'localOnly'));
    const localOnly = sum(lostRanges.filter(({ cause }) => cause === 'localOnly'));
    const acknowledged = lost + 1_000;
    return judgedRun(status, [], {
      ...rest,
      lostRanges,
      outage: { longestMs, perFault: [] },
      rto: { ms: rtoMs, fault: rest.faults[0]?.id ?? null },
      writes: {
        acknowledged,
        lost,
        localOnly,
        lostLocalOnly: localOnly,
        durable: 1_000 - undone,
        unexpected: undone,
      },
    });
  });

const sum = (all: readonly LostRange[]) =>
  all.reduce((n, { kind, from, to, versions }) => {
    return n + (kind === 'update' && versions ? versions[1] - versions[0] + 1 : to - from + 1);
  }, 0);
const number = (text = '') => Number(text.replaceAll(',', ''));
/** The range of times that is written as `1.2 s` or `47 ms`; `roundedMs`: by how much rounding may have moved `ms` itself. */
const isTime = (text: string, ms: number, roundedMs = 0) => {
  const [, value, unit] = /^([\d.]+) (m?s)$/.exec(text) ?? [];
  return (
    Math.abs(Number(value) * (unit === 'ms' ? 1 : 1000) - ms) <=
    (unit === 'ms' ? 1 : 51) + roundedMs
  );
};
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found);
const counted = ({ lostRanges }: Result) => lostRanges.filter(({ cause }) => cause !== 'localOnly');

function holds(claim: (text: string, run: Result) => void): void {
  fc.assert(
    fc.property(runs, (run) => claim(whatHappened(run), run)),
    { numRuns: 300 },
  );
}

test('the number of lost writes and the shares of the nodes match the ranges', () => {
  holds((text, run) => {
    const [, lost, acknowledged] = /^Lost ([\d,]+) of ([\d,]+) acknowledged/.exec(text) ?? [];
    expect(lost !== undefined).toBe(counted(run).length > 0);
    if (lost === undefined) return;
    expect([number(lost), number(acknowledged)]).toEqual([
      ...[sum(counted(run)), run.writes.acknowledged],
    ]);
    const places = text.slice(0, text.indexOf(', acknowledged between'));
    const shares = all(places, /(at most )?([\d,]+) on pg/g);
    const total = shares.reduce((n, [, , share]) => n + number(share), 0);
    if (shares.length > 0) expect(total).toBeGreaterThanOrEqual(number(lost));
    if (shares.every(([, atMost]) => atMost === undefined) && shares.length > 0)
      expect(total).toBe(number(lost));
  });
});

test('a fault named as in force was in force from the first to the last lost acknowledgement', () => {
  holds((text, run) => {
    const [, from = '', to = ''] = /acknowledged between (\S+ m?s) and (\S+ m?s)/.exec(text) ?? [];
    if (from === '') return;
    const times = counted(run).flatMap(({ ackedAtMs }) => ackedAtMs);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    expect([isTime(from, first), isTime(to, last)]).toEqual([true, true]);
    const [, names = ''] = / while (.*?) (?:was|were) in force/.exec(text) ?? [];
    for (const [, id] of all(names, /'([^']+)'/g)) {
      const fault = run.faults.find((each) => each.id === id);
      expect(fault?.isHarmless).toBeUndefined();
      expect(fault?.inForceAtMs).toBeLessThanOrEqual(first);
      expect(fault?.healedAtMs ?? Infinity).toBeGreaterThanOrEqual(last);
    }
  });
});

test('an injection or a heal has its own time, and no fault that overlaps the loss is left out', () => {
  holds((text, run) => {
    for (const [, id, at = '', until, healed] of all(
      text,
      /'([^']+)' was injected (?:at|between) (\S+ m?s)(?: and (\d\S* m?s))?(?: and healed at (\S+ m?s))?/g,
    )) {
      const fault = run.faults.find((each) => each.id === id);
      const tookMs = (fault?.inForceAtMs ?? 0) - (fault?.injectedAtMs ?? 0);
      expect(isTime(at, fault?.injectedAtMs ?? NaN)).toBe(true);
      expect(until !== undefined).toBe(tookMs >= 500);
      if (until !== undefined) expect(isTime(until, fault?.inForceAtMs ?? NaN)).toBe(true);
      if (healed !== undefined) expect(isTime(healed, fault?.healedAtMs ?? NaN)).toBe(true);
    }
    const times = counted(run).flatMap(({ ackedAtMs }) => ackedAtMs);
    for (const { id, injectedAtMs, healedAtMs, isHarmless } of times.length > 0 ? run.faults : []) {
      const isAside =
        (injectedAtMs ?? Infinity) > Math.max(...times) ||
        (healedAtMs ?? Infinity) < Math.min(...times);
      if (isHarmless) expect(text).not.toContain(`'${id}' was in`);
      else if (!isAside) expect(text).toContain(`'${id}'`);
    }
  });
});

test('the node that lost the lock lost as many writes there as the ranges have', () => {
  holds((text, run) => {
    for (const [, share, before, on] of all(
      text,
      /(?:at most )?([\d,]+) that (pg\d) had acknowledged on timeline (\d) are lost/g,
    )) {
      const there = counted(run).filter(
        (range) => range.node === before && range.timeline === Number(on),
      );
      expect(number(share)).toBe(sum(there));
    }
  });
});

test('a first write on a timeline has its server and time, and a recovery its fault', () => {
  holds((text, run) => {
    for (const [, node, on, at = ''] of all(
      text,
      /(pg\d) acknowledged its first write on timeline (\d) at (\d\S* m?s)/g,
    )) {
      const isSo = run.forks.some(
        (fork) =>
          fork.newPrimary === node &&
          fork.timeline === Number(on) &&
          isTime(at.replace(/[.,]$/, ''), fork.takenOverAtMs ?? NaN),
      );
      expect(isSo).toBe(true);
    }
    const [, took = '', id] = /, (\S+ m?s) after '([^']+)'/.exec(text) ?? [];
    if (id === undefined) return;
    const injectedAtMs = run.faults.find((fault) => fault.id === id)?.injectedAtMs ?? NaN;
    const taken = run.forks.flatMap((fork) => fork.takenOverAtMs ?? []);
    // Three times are involved, each rounded to a millisecond.
    expect(taken.some((ms) => isTime(took, ms - injectedAtMs, 2))).toBe(true);
  });
});

test('a recovery is not that of a server whose name is unknown', () => {
  const fork = { parentTimeline: 1, lsn: '0/5000000', oldPrimary: null, divergentBytes: null };
  const run = judgedRun('pass', [], {
    faults: [
      {
        id: 'cut',
        fault: 'partition',
        targets: ['pg1'],
        plannedAtMs: 1_000,
        injectedAtMs: 1_000,
        inForceAtMs: 1_000,
        healedAtMs: null,
      },
    ],
    forks: [
      { ...fork, timeline: 2, newPrimary: null, takenOverAtMs: 7_000 },
      { ...fork, timeline: 3, newPrimary: 'pg2', takenOverAtMs: 20_000 },
    ],
    rto: { ms: 6_000, fault: 'cut' },
  });
  expect(whatHappened(run)).toMatch(/pg2 acknowledged its first write on timeline 3 at 20\.0 s\./);
});

test('the sentence claims that all writes are present only if all are durable, and unexplained only if something is', () => {
  holds((text, run) => {
    const { acknowledged, localOnly, durable, lostLocalOnly } = run.writes;
    if (text.startsWith('All ')) expect(durable).toBe(acknowledged! + localOnly! - lostLocalOnly!);
    const isUnexplained = run.lostRanges.some(({ cause }) => cause === 'unexplained');
    const why = whyThisVerdict(run);
    expect(why.includes('nothing explains it') && !isUnexplained).toBe(false);
  });
});

test('a primary that is promoted again is not said to have demoted itself: it may have been killed', () => {
  const again = {
    node: 'pg2',
    before: 'pg2',
    timeline: 3,
    atMs: 83_700,
    how: 'repromotion' as const,
  };
  const text = whatHappened(judgedRun('pass', [], { leaderChanges: [again] }));
  expect(text).toContain(
    'pg2 lost the role of primary and was promoted again, on timeline 3 by 83.7 s.',
  );
});
