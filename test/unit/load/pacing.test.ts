import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LoadClock } from '../../../src/load/clock.ts';
import { sharesOf } from '../../../src/load/hold.ts';
import { makePacer, type PacingOptions } from '../../../src/load/pacing.ts';
import { rateProfile } from '../../../src/scenario/words/rate-profile.ts';
import type { LoadSpec } from '../../../src/contracts/scenario.ts';

/** The clock of a load that began this many milliseconds ago. */
function clockAt(ms: number): LoadClock {
  return new LoadClock(process.hrtime.bigint() - BigInt(Math.round(ms * 1e6)));
}

/** A clock that only the test advances, so that a busy host does not disturb the test. */
function heldClock(ms: number) {
  let nowUs = ms * 1_000;
  return { nowUs: () => nowUs, advance: (byMs: number) => void (nowUs += byMs * 1_000) };
}

type Changed = Partial<Omit<PacingOptions, 'profile'>> &
  Pick<LoadSpec, 'stages'> & {
    readonly ratePerSecond?: number | undefined;
  };

function options({ ratePerSecond = 1000, stages, ...changed }: Changed): PacingOptions {
  return {
    clock: clockAt(0),
    durationUs: 1_000_000,
    profile: rateProfile({ ratePerSecond, ...(stages && { stages }) }),
    first: 0,
    every: 1,
    ...changed,
  };
}

function closed(changed: Changed = {}): PacingOptions {
  return { ...options(changed), profile: undefined };
}

describe('a closed loop', () => {
  it('starts at once until the load is over, by time or by command', () => {
    const pacer = makePacer(closed());
    const late = makePacer(closed({ clock: clockAt(1_000) }));
    expect([pacer.turn(), late.turn(), pacer.overdue()]).toEqual(['now', undefined, 0]);
    pacer.end();
    expect(pacer.turn()).toBeUndefined();
  });
});

describe('an open loop', () => {
  it('hands out the backlog of an outage with the intended starts', () => {
    const pacer = makePacer(options({ clock: heldClock(10.5) }));
    expect(pacer.overdue()).toBe(11);
    expect(Array.from({ length: 11 }, () => pacer.turn())).toEqual(
      Array.from({ length: 11 }, (_, index) => index * 1_000),
    );
    expect(pacer.overdue()).toBe(0);
  });

  it('divides its schedule among the workers without gaps or duplicates', () => {
    const turns = [0, 1, 2].flatMap((worker) => {
      const pacer = makePacer(options({ clock: heldClock(8.5), first: worker, every: 3 }));
      return Array.from({ length: 3 }, () => pacer.turn() as number);
    });
    expect(turns.map((us) => Math.round(us)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 9 }, (_, index) => index * 1_000),
    );
  });

  it('makes a free connection wait for the next intended start', async () => {
    const clock = clockAt(0);
    const pacer = makePacer(options({ clock, ratePerSecond: 50 }));
    expect(pacer.turn()).toBe(0);
    const next = await pacer.turn();
    expect(next).toBe(20_000);
    expect(clock.nowUs()).toBeGreaterThanOrEqual(20_000);
  });

  it.each([
    { ratePerSecond: 500, alarmsMs: [2, 2, 2], starts: [2, 4, 6] },
    { ratePerSecond: 5_000, alarmsMs: [0.2, 1, 1], starts: [0.2, 0.4, 0.6] },
  ])(
    'wakes for each of $ratePerSecond operations a second, but not more than once a millisecond',
    async ({ ratePerSecond, alarmsMs, starts }) => {
      const clock = heldClock(0);
      const setMs: number[] = [];
      let wake: () => void = () => undefined;
      const makeAlarm: PacingOptions['makeAlarm'] = (ring) => {
        wake = ring;
        return { set: (inMs) => void setMs.push(inMs), clear: () => undefined };
      };
      const pacer = makePacer(options({ clock, ratePerSecond, makeAlarm }));
      expect(pacer.turn()).toBe(0);
      const given = Promise.all(starts.map(() => Promise.resolve(pacer.turn())));
      for (const inMs of alarmsMs) {
        clock.advance(inMs);
        wake();
      }
      expect(await given).toEqual(starts.map((ms) => ms * 1_000));
      expect(setMs.slice(0, 2)).toEqual(alarmsMs.slice(0, 2));
    },
  );

  it('gives a start to another connection if the first one could not take it', async () => {
    const pacer = makePacer(options({ ratePerSecond: 10 }));
    const turn = (await pacer.turn()) as number;
    const waiting = pacer.turn();
    pacer.giveBack(turn);
    expect(await waiting).toBe(0);
  });

  it('ends every wait when the load ends, and does not count unstarted operations as attempts', async () => {
    const pacer = makePacer(options({ ratePerSecond: 10, durationUs: 50_000 }));
    expect(pacer.turn()).toBe(0);
    const waiting = [Promise.resolve(pacer.turn()), Promise.resolve(pacer.turn())];
    await sleep(10);
    pacer.end();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    const late = makePacer(options({ clock: clockAt(2_000) }));
    expect([late.turn(), late.overdue()]).toEqual([undefined, 1_000]);
  });
});

describe('a load of a number of operations', () => {
  it('hands out so many, and what was given back once more', () => {
    const pacer = makePacer(options({ clock: heldClock(10.5), operations: 3 }));
    expect(pacer.overdue()).toBe(3);
    const turns = [pacer.turn(), pacer.turn(), pacer.turn(), pacer.turn()];
    expect(turns).toEqual([0, 1_000, 2_000, undefined]);
    pacer.giveBack(1_000);
    expect([pacer.overdue(), pacer.turn(), pacer.turn(), pacer.overdue()]).toEqual([
      ...[1, 1_000],
      ...[undefined, 0],
    ]);
  });

  it('ends the waits of the connections that get none', async () => {
    const pacer = makePacer(options({ ratePerSecond: 50, operations: 2 }));
    expect(pacer.turn()).toBe(0);
    const waiting = [pacer.turn(), pacer.turn(), pacer.turn()];
    expect(await Promise.all(waiting.map((turn) => Promise.resolve(turn)))).toEqual([
      20_000,
      undefined,
      undefined,
    ]);
  });

  it('is counted in a closed loop, too', () => {
    const pacer = makePacer(closed({ operations: 2 }));
    expect([pacer.turn(), pacer.turn(), pacer.turn()]).toEqual(['now', 'now', undefined]);
    pacer.giveBack('now');
    expect([pacer.turn(), pacer.turn()]).toEqual(['now', undefined]);
  });
});

describe('a schedule that is held', () => {
  it('hands out nothing and ends waits, and continues later by the time held', async () => {
    const clock = heldClock(0);
    const pacer = makePacer(options({ clock, ratePerSecond: 50 }));
    expect(pacer.turn()).toBe(0);
    const waiting = pacer.turn();
    pacer.hold();
    pacer.hold();
    expect([await waiting, pacer.turn()]).toEqual(['held', 'held']);
    clock.advance(100);
    expect(pacer.overdue()).toBe(0);
    pacer.resume();
    expect(pacer.overdue()).toBe(0);
    clock.advance(21);
    expect([pacer.overdue(), pacer.turn(), pacer.overdue()]).toEqual([1, 120_000, 0]);
  });

  it('keeps the lateness from before it was held', () => {
    const clock = heldClock(10.5);
    const pacer = makePacer(options({ clock, durationUs: 60_000_000 }));
    const turn = pacer.turn() as number;
    pacer.hold();
    pacer.giveBack(turn);
    clock.advance(50);
    expect(pacer.overdue()).toBe(11);
    pacer.resume();
    expect([pacer.turn(), pacer.turn()]).toEqual([50_000, 51_000]);
  });

  it('holds a closed loop too', () => {
    const pacer = makePacer(closed());
    pacer.hold();
    const whileHeld = pacer.turn();
    pacer.resume();
    expect([whileHeld, pacer.turn()]).toEqual(['held', 'now']);
  });
});

describe('allowed operations are divided among the workers', () => {
  it('by their clients, and sum to the total', () => {
    expect(sharesOf(500, [6, 5, 5])).toEqual([187, 156, 157]);
    expect(sharesOf(1, [6, 5, 5])).toEqual([0, 0, 1]);
    expect(sharesOf(0, [6, 5, 5])).toEqual([0, 0, 0]);
  });
});
