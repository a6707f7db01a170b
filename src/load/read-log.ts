import type {
  ClientReadsLine,
  ObservationLine,
  SightLine,
  StateLine,
} from '../evidence/observations/format.ts';
import type { ObservationLines } from '../evidence/observations/lines.ts';
import type { NodeState } from './node-state.ts';

/** Lines for reads of a state that lasts, such as that of a paused replica. */
const writeEveryMs = 1_000;
/** Of one worker and each kind: examples, the counts are whole. */
const examplesKept = 20;

type ExampleKind = 'stepBack' | 'notSeen' | 'wrong' | 'failed';
type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** What reads of one worker showed, in a few lines a second, however many reads there are. */
export class ReadLog {
  readonly #lines: Pick<ObservationLines, 'add'>;
  readonly #timer: NodeJS.Timeout;
  readonly #sights = new Map<string, Writable<SightLine>>();
  readonly #clients = new Map<string | null, Writable<ClientReadsLine>>();
  readonly #examples: Record<ExampleKind, number> = {
    stepBack: 0,
    notSeen: 0,
    wrong: 0,
    failed: 0,
  };

  constructor(lines: Pick<ObservationLines, 'add'>) {
    this.#lines = lines;
    this.#timer = setInterval(() => this.#write(), writeEveryMs);
    this.#timer.unref();
  }

  /** `name`: of an application's session, whatever connections it reads on. */
  session(name: string): SessionLog {
    return new SessionLog(name, this);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#write();
  }

  saw({ node, beat, sentUs }: StateLine, step: StepBack | undefined): void {
    const key = `${beat} ${node}`;
    const sight = this.#sights.get(key) ?? newSight(node, beat, sentUs);
    this.#sights.set(key, sight);
    sight.reads++;
    sight.firstSentUs = Math.min(sight.firstSentUs, sentUs);
    sight.lastSentUs = Math.max(sight.lastSentUs, sentUs);
    if (!step) return;
    sight.back++;
    if (step.isOnConnection) sight.backOnConnection++;
    if (!this.#isExample('stepBack')) return;
    const to = { node, beat, sentUs };
    this.#lines.add({ session: step.session, from: step.from, to });
  }

  sawOwn(session: string, node: string, { own, sentUs }: NodeState): void {
    if (!own) return;
    const counts = this.#ofClients(node);
    counts.own++;
    if (own.isShown) return;
    counts.ownNotSeen++;
    if (!this.#isExample('notSeen')) return;
    this.#lines.add({ notSeenBy: session, node, sentUs, seq: own.write.seq });
  }

  /** A client's read has its answer, or has none. */
  answered(line: ObservationLine): void {
    const counts = this.#ofClients(line.node);
    const { value } = line;
    const isJudged =
      typeof value === 'object' && value !== null && 'found' in value && 'expected' in value;
    const isWrong = isJudged && value.found !== value.expected;
    if (line.problem === undefined) counts.answered++;
    else counts.failed++;
    if (isJudged) counts.judged++;
    if (isWrong) counts.wrong++;
    const kind = isWrong ? 'wrong' : 'failed';
    const isTold = isWrong || line.problem !== undefined;
    if (isTold && this.#isExample(kind)) this.#lines.add({ ...line, by: 'client' });
  }

  #ofClients(node: string | null): Writable<ClientReadsLine> {
    const counts = this.#clients.get(node) ?? noReads(node);
    this.#clients.set(node, counts);
    return counts;
  }

  #isExample(kind: ExampleKind): boolean {
    return this.#examples[kind]++ < examplesKept;
  }

  #write(): void {
    for (const line of [...this.#sights.values(), ...this.#clients.values()]) this.#lines.add(line);
    this.#sights.clear();
    this.#clients.clear();
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
  readonly #log: ReadLog;
  readonly #ofConnection = new WeakMap<object, number>();
  #newest: StateLine | undefined;

  constructor(name: string, log: ReadLog) {
    this.#name = name;
    this.#log = log;
  }

  /** A node showed its state. `connection`: the same object as long as it is the same connection. */
  saw(seen: NodeState, node: string, connection: object): void {
    const { beat, sentUs } = seen;
    const state = { node, beat, sentUs };
    const from = this.#newest;
    const before = this.#ofConnection.get(connection) ?? 0;
    const isBack = from !== undefined && beat < from.beat;
    const step = isBack ? { session: this.#name, from, isOnConnection: beat < before } : undefined;
    if (!isBack) this.#newest = state;
    this.#ofConnection.set(connection, Math.max(before, beat));
    this.#log.saw(state, step);
    this.#log.sawOwn(this.#name, node, seen);
  }

  answered(line: ObservationLine): void {
    this.#log.answered(line);
  }
}

function newSight(node: string, beat: number, sentUs: number): Writable<SightLine> {
  const none = { reads: 0, back: 0, backOnConnection: 0 };
  return { sight: node, upTo: beat, ...none, firstSentUs: sentUs, lastSentUs: sentUs };
}

function noReads(node: string | null): Writable<ClientReadsLine> {
  const none = { answered: 0, failed: 0, judged: 0, wrong: 0, own: 0, ownNotSeen: 0 };
  return { clientReads: node, ...none };
}
