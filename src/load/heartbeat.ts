import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../contracts/evidence.ts';
import type { ObservationLines } from '../evidence/observations/lines.ts';
import { isSyncWaitCanceled, outcomeOfError } from '../pg/outcome.ts';
import { Router } from '../pg/router.ts';
import type { Session } from '../pg/session.ts';
import type { LoadClock } from './clock.ts';
import { insertBeat } from './heartbeat-table.ts';
import type { WorkerSpec } from './protocol.ts';

/** The resolution of what is measured by it. */
const shortestMs = 50;
/** However long the load is, its heartbeats fit their file: 50 ms apart for an hour. */
const mostBeats = 72_000;

/**
 * A row written to the primary at equal intervals, by which reads tell how old the state is that they see. No operation of the
 * load: it has no fate. While a fault holds the load, it stands still, too.
 */
export class Heartbeat {
  readonly #schema: string;
  readonly #deadlineMs: number;
  readonly #everyMs: number;
  readonly #router: Router;
  readonly #lines: Pick<ObservationLines, 'add'>;
  readonly #signal: AbortSignal;
  #session: Session | undefined;
  #member: number | undefined;
  #beat = 0;
  #isHeld = false;
  #underWay: Promise<void> = Promise.resolve();

  /** `signal` ends it, at the latest with the load. */
  constructor(
    { members, credentials, load, context }: WorkerSpec,
    lines: Pick<ObservationLines, 'add'>,
    signal: AbortSignal,
  ) {
    const { deadlineMs, durationMs } = load;
    this.#schema = context.schema;
    this.#deadlineMs = deadlineMs;
    this.#everyMs = Math.max(shortestMs, durationMs / mostBeats);
    const applicationName = 'forkpoint heartbeat';
    this.#router = new Router({ members, credentials, deadlineMs, applicationName, signal });
    this.#lines = lines;
    this.#signal = signal;
  }

  async run(clock: LoadClock): Promise<void> {
    this.#signal.addEventListener('abort', () => this.#session?.destroy(), { once: true });
    let nextMs = performance.now();
    while (!this.#isOver()) {
      const session = await this.#connected();
      if (!session) break;
      if (!this.#isHeld) {
        this.#underWay = this.#write(session, clock);
        await this.#underWay;
      }
      nextMs = Math.max(nextMs + this.#everyMs, performance.now());
      const pauseMs = Math.max(0, nextMs - performance.now());
      await sleep(pauseMs, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    this.#session?.destroy();
  }

  /** Resolves when none is under way; the next is written after `resume`. */
  hold(): Promise<void> {
    this.#isHeld = true;
    return this.#underWay;
  }

  resume(): void {
    this.#isHeld = false;
  }

  #isOver(): boolean {
    return this.#signal.aborted;
  }

  /** Undefined at the end of the load. */
  async #connected(): Promise<Session | undefined> {
    if (this.#session?.isOpen === true) return this.#session;
    try {
      const { session, member } = await this.#router.connect();
      this.#session = session;
      this.#member = member;
      if (!this.#isOver()) return session;
      session.destroy();
    } catch (error) {
      if (!this.#isOver()) throw error;
    }
    return undefined;
  }

  async #write(session: Session, clock: LoadClock): Promise<void> {
    const beat = ++this.#beat;
    const sentUs = Math.round(clock.nowUs());
    const outcome = await this.#outcomeOf(session, beat);
    this.#lines.add({ beat, outcome, sentUs, answeredUs: Math.round(clock.nowUs()) });
    if (outcome === 'acknowledged' || outcome === 'localOnly') return;
    session.destroy();
    this.#router.distrust(this.#member);
  }

  async #outcomeOf(session: Session, beat: number): Promise<Outcome> {
    try {
      const statement = insertBeat(this.#schema, beat);
      const { notices = [] } = await session.query(statement, { timeoutMs: this.#deadlineMs });
      return notices.some(isSyncWaitCanceled) ? 'localOnly' : 'acknowledged';
    } catch (error) {
      return outcomeOfError(error).outcome;
    }
  }
}
