import type { UnseenEdge } from '../../contracts/cluster.ts';
import { monotonicMs } from '../../std/wait.ts';

/** A silence that lasts as long as a few requests is one to speak of. */
const shortestMs = 2_000;

const source = 'the API server of Kubernetes';
const what =
  'a pod that was replaced or deleted then was not seen, and no fault could be injected or healed through it';

/** When the API server gave no answer, for those who listen. */
export class AnswerGaps {
  readonly #listeners = new Set<(edge: UnseenEdge) => void>();
  #answeredMs = monotonicMs();
  #isOpen = false;

  /** `replaced`: pods that are not those of the last answer. */
  answered(replaced: readonly string[]): void {
    const wasOpen = this.#isOpen;
    this.#answeredMs = monotonicMs();
    this.#isOpen = false;
    if (wasOpen) for (const listener of this.#listeners) listener({ edge: 'end', replaced });
  }

  unanswered(): void {
    const agoMs = this.#agoMs();
    if (this.#isOpen || agoMs < shortestMs) return;
    this.#isOpen = true;
    for (const listener of this.#listeners) listener({ edge: 'begin', source, what, agoMs });
  }

  listen(listener: (edge: UnseenEdge) => void): Disposable {
    this.#listeners.add(listener);
    if (this.#isOpen) listener({ edge: 'begin', source, what, agoMs: this.#agoMs() });
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  #agoMs(): number {
    return Math.round(monotonicMs() - this.#answeredMs);
  }
}
