import type { Outcome } from '../contracts/evidence.ts';
import type { ClientReadSpec } from '../contracts/scenario.ts';
import type { Operation, Reader } from '../contracts/workload.ts';
import type { ObservationLine } from '../evidence/observations/format.ts';
import type { Bytes, Session } from '../pg/session.ts';
import { HarnessBug, messageOf } from '../std/errors.ts';
import { seededRandom } from '../std/random.ts';
import { askRead, shortened } from './ask-read.ts';
import { noBytes } from './bytes.ts';
import type { LoadClock } from './clock.ts';
import type { GateTurn } from './gate.ts';
import { LoadReader } from './load-reader.ts';
import type { Member } from './member.ts';
import { type StateOptions, stateOf } from './node-state.ts';
import type { OwnWrites } from './own-writes.ts';
import type { SessionLog } from './read-log.ts';
import type { ReadTimes } from './read-times.ts';

export interface ClientReadOptions {
  readonly spec: ClientReadSpec;
  readonly seed: number;
  /** Of its writer. */
  readonly number: number;
  readonly reader: Reader;
  readonly writes: OwnWrites;
  readonly state: StateOptions;
  readonly log: SessionLog;
  readonly times: ReadTimes;
  /** Of its group; absent: it has none. */
  readonly group?: string;
  /** Where it reads from other connections than that of its writer. */
  readonly others: LoadReader | undefined;
  readonly members: readonly Member[];
  /** Of the end of the load. */
  readonly signal: AbortSignal;
}

/** Its route hides which node answers. */
const hiddenNode = 'unknown node';

/** The reads of one client, a share of its operations: with its writer one session, of which each must see its own writes. */
export class ClientReads {
  readonly #options: ClientReadOptions;
  readonly #random: () => number;

  constructor(options: ClientReadOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed, `reads of client ${options.number}`);
  }

  /** It writes nothing, and reads on connections of its own. */
  get isAlone(): boolean {
    return this.#options.spec.share === 1 && this.#options.others !== undefined;
  }

  get isConnected(): boolean {
    return this.#options.others?.isConnected === true;
  }

  /** On connections of its own. */
  get bytes(): Bytes {
    return this.#options.others?.bytes ?? noBytes;
  }

  /** Whether its next operation is a read. */
  isNext(): boolean {
    return this.#random() < this.#options.spec.share;
  }

  settled(operation: Operation, outcome: Outcome): void {
    this.#options.writes.settled(operation, outcome);
  }

  /** One read to its end. broken: it failed on the writer's own connection, which is over. */
  async read(
    clock: LoadClock,
    turn: GateTurn,
    own?: { readonly session: Session; readonly member: number | undefined },
  ): Promise<'answered' | 'failed' | 'broken'> {
    const { others, log, signal } = this.#options;
    const line = await (others?.observe(clock) ?? (own && this.#onOwn(own, clock)));
    if (!line) throw new HarnessBug('a client that reads where it writes has no connection');
    // The end of the load breaks the connection; the server refused nothing.
    if (line.problem === undefined || !signal.aborted) {
      log.answered(line);
      this.#time(line, turn);
    }
    if (line.problem === undefined) return 'answered';
    return others || own?.session.isOpen ? 'failed' : 'broken';
  }

  #time({ sentUs, answeredUs, problem }: ObservationLine, turn: GateTurn): void {
    const { times, group } = this.#options;
    times.note({
      by: 'client',
      ...(group !== undefined && { group }),
      ...(typeof turn === 'number' && { dueUs: turn }),
      askedUs: sentUs,
      answeredUs,
      isAnswered: problem === undefined,
    });
  }

  disconnect(): void {
    this.#options.others?.disconnect();
  }

  async #onOwn(
    { session, member }: { readonly session: Session; readonly member: number | undefined },
    clock: LoadClock,
  ): Promise<ObservationLine> {
    const { number, reader, state, log, members } = this.#options;
    const node = (member === undefined ? undefined : members[member]?.name) ?? hiddenNode;
    const read = reader.next();
    const nowUs = () => Math.round(clock.nowUs());
    const about = { reader: number, read: read.name, node };
    const begunUs = nowUs();
    try {
      log.saw(await stateOf(session, clock, state), node, session);
    } catch (error) {
      session.destroy();
      const problem = shortened(messageOf(error));
      return { ...about, sentUs: begunUs, answeredUs: nowUs(), problem };
    }
    const sentUs = nowUs();
    const kept = await askRead(session, read, state);
    return { ...about, sentUs, answeredUs: nowUs(), ...kept };
  }
}
