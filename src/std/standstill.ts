const tickMs = 500;
/** A process that runs ticks in time to a second or two, also on a machine that is busy. */
const stillAfterMs = 5_000;

/** Calls `stood` after this process stood still: stopped (Ctrl-Z, SIGSTOP), or kept from running. Milliseconds. */
export function watchStandstills(stood: (lastedMs: number) => void): Disposable {
  const { tick, timer } = everyTick((elapsedMs) => {
    if (elapsedMs > stillAfterMs) stood(elapsedMs);
  });
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      // What came meanwhile is read before a timer runs, and may be the end of what is watched.
      tick();
    },
  };
}

/** Calls `then` once this process has run for so long: while it stood still nothing was late but itself. */
export function afterRunning(ms: number, then: () => void): Disposable {
  let ranMs = 0;
  const { timer } = everyTick((elapsedMs) => {
    ranMs += Math.min(elapsedMs, 2 * tickMs);
    if (ranMs < ms) return;
    clearInterval(timer);
    then();
  });
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function everyTick(ticked: (elapsedMs: number) => void) {
  let lastMs = performance.now();
  const tick = () => {
    const nowMs = performance.now();
    const elapsedMs = nowMs - lastMs;
    lastMs = nowMs;
    ticked(elapsedMs);
  };
  return { tick, timer: setInterval(tick, tickMs) };
}
