import type { NewEvent } from '../evidence/events/event-log.ts';
import { monotonicMs } from '../std/wait.ts';

/** Whether a fault of the run is in force, or was lately. */
export class InForce {
  readonly #ids = new Set<string>();
  #endedMs = -Infinity;

  /** Receives every event of the faults, in order. */
  note(event: NewEvent): void {
    if (event.type === 'inject' && !event.isHarmless) this.#ids.add(event.id);
    if (event.type !== 'healed' && event.type !== 'notCarriedOut') return;
    if (this.#ids.delete(event.id)) this.#endedMs = monotonicMs();
  }

  within(ms: number): boolean {
    return this.#ids.size > 0 || monotonicMs() - this.#endedMs < ms;
  }
}
