import type { SightLine, StateLine } from '../evidence/observations/format.ts';
import type { ObservationLines } from '../evidence/observations/lines.ts';

/** Lines for reads of a state that lasts, such as that of a paused replica. */
const writeEveryMs = 1_000;
/** Of one worker: examples, the counts are whole. */
const stepsBackKept = 20;

type Sight = { -readonly [key in keyof SightLine]: SightLine[key] };

/** What reads of one worker showed of the heartbeat, in a few lines a second, however many reads there are. */
export class ReadLog {
  readonly #lines: Pick<ObservationLines, 'add'>;
  readonly #timer: NodeJS.Timeout;
  readonly #sights = new Map<string, Sight>();
  #stepsBack = 0;

  constructor(lines: Pick<ObservationLines, 'add'>) {
    this.#lines = lines;
    this.#timer = setInterval(() => this.#write(), writeEveryMs);
    this.#timer.unref();
  }

  /** `name`: of an application's session, whatever connections it reads on. */
  session(name: string): SessionLog {
    return new SessionLog(name, (state, step) => this.#note(state, step));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#write();
  }

  #note({ node, beat, sentUs }: StateLine, step: StepBack | undefined): void {
    const key = `${beat} ${node}`;
    const sight = this.#sights.get(key) ?? newSight(node, beat, sentUs);
    this.#sights.set(key, sight);
    sight.reads++;
    sight.firstSentUs = Math.min(sight.firstSentUs, sentUs);
    sight.lastSentUs = Math.max(sight.lastSentUs, sentUs);
    if (!step) return;
    sight.back++;
    if (step.isOnConnection) sight.backOnConnection++;
    if (this.#stepsBack++ >= stepsBackKept) return;
    const to = { node, beat, sentUs };
    this.#lines.add({ session: step.session, from: step.from, to });
  }

  #write(): void {
    for (const sight of this.#sights.values()) this.#lines.add(sight);
    this.#sights.clear();
  }
}

interface StepBack {
  readonly session: string;
  readonly from: StateLine;
  readonly isOnConnection: boolean;
}

/**
 * One session, as an application has it: over reconnects, and over every node that it reads from. Remembers the newest state
 * that it saw.
 */
export class SessionLog {
  readonly #name: string;
  readonly #note: (state: StateLine, step: StepBack | undefined) => void;
  readonly #ofConnection = new WeakMap<object, number>();
  #newest: StateLine | undefined;

  constructor(name: string, note: (state: StateLine, step: StepBack | undefined) => void) {
    this.#name = name;
    this.#note = note;
  }

  /** A read was answered. `connection`: the same object as long as it is the same connection. */
  saw(state: StateLine, connection: object): void {
    const from = this.#newest;
    const before = this.#ofConnection.get(connection) ?? 0;
    const isBack = from !== undefined && state.beat < from.beat;
    const step = isBack
      ? { session: this.#name, from, isOnConnection: state.beat < before }
      : undefined;
    if (!isBack) this.#newest = state;
    this.#ofConnection.set(connection, Math.max(before, state.beat));
    this.#note(state, step);
  }
}

function newSight(node: string, beat: number, sentUs: number): Sight {
  const none = { reads: 0, back: 0, backOnConnection: 0 };
  return { sight: node, upTo: beat, ...none, firstSentUs: sentUs, lastSentUs: sentUs };
}
