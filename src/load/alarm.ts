import { Worker } from 'node:worker_threads';
import { ownModule } from '../std/own-module.ts';

/** Calls once at a time that is set; setting it again replaces the time. */
export interface Alarm {
  /** `inMs`: from now; 0 and less is as soon as possible. */
  set(inMs: number): void;
  clear(): void;
}

export type MakeAlarm = (ring: () => void) => Alarm;

/** By the timers of the event loop: whole milliseconds, and up to one more. */
export const timerAlarm: MakeAlarm = (ring) => {
  let timer: NodeJS.Timeout | undefined;
  return {
    set: (inMs) => {
      clearTimeout(timer);
      timer = setTimeout(ring, Math.max(0, inMs));
    },
    clear: () => clearTimeout(timer),
  };
};

/** What the thread shares: how often it was set, and the time that it is set to, on the clock of `performance`. */
export interface SharedAlarm {
  readonly turn: Int32Array<SharedArrayBuffer>;
  readonly atMs: Float64Array<SharedArrayBuffer>;
}

/** The thread is woken this much early, for waking it and then this thread takes about as long. */
const earlyMs = 0.1;

/**
 * By a thread that sleeps to the microsecond, for a schedule of hundreds of operations a second: a timer of the event loop would
 * make each of them half a millisecond late. The thread takes no CPU while it sleeps.
 */
export const preciseAlarm: MakeAlarm = (ring) => {
  const shared: SharedAlarm = {
    turn: new Int32Array(new SharedArrayBuffer(4)),
    atMs: new Float64Array(new SharedArrayBuffer(8)),
  };
  const thread = new Worker(ownModule('./alarm-thread', import.meta.url), { workerData: shared });
  thread.unref();
  let dueMs = Infinity;
  const rung = () => {
    // Early by what waking takes at most: the rest is waited for here.
    if (performance.now() < dueMs) setImmediate(rung);
    else if (dueMs !== Infinity) {
      dueMs = Infinity;
      ring();
    }
  };
  const wake = (atMs: number) => {
    shared.atMs[0] = performance.timeOrigin + atMs;
    Atomics.add(shared.turn, 0, 1);
    Atomics.notify(shared.turn, 0);
  };
  thread.on('message', (turn: number) => {
    if (turn === Atomics.load(shared.turn, 0)) rung();
  });
  return {
    set: (inMs) => {
      dueMs = performance.now() + inMs;
      if (inMs > earlyMs) wake(dueMs - earlyMs);
      else setImmediate(rung);
    },
    clear: () => {
      dueMs = Infinity;
      wake(Infinity);
    },
  };
};
