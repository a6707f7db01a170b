import { watchStandstills } from '../std/standstill.ts';
import { monotonicMs } from '../std/wait.ts';

/** Reports each time in which the harness itself did not run, on the clock of the load that began at `originMs`. */
export function noteStandstills(originMs: number, problem: (what: string) => void): Disposable {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return watchStandstills((lastedMs) => {
    const untilMs = monotonicMs() - originMs;
    problem(
      `Forkpoint itself stood still from ${seconds(untilMs - lastedMs)} to ${seconds(untilMs)} of the load: it was stopped (Ctrl-Z, SIGSTOP) or kept from running. What was planned for that time came late, and nothing was watched in it`,
    );
  });
}
