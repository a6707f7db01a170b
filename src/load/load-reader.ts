import type { Credentials } from '../contracts/cluster.ts';
import type { Read, Reader } from '../contracts/workload.ts';
import type { ObservationLine } from '../evidence/observations/format.ts';
import { connect } from '../pg/connect.ts';
import type { Bytes, Session } from '../pg/session.ts';
import { messageOf } from '../std/errors.ts';
import { askRead, shortened } from './ask-read.ts';
import { addBytes, noBytes } from './bytes.ts';
import type { LoadClock } from './clock.ts';
import type { Member } from './member.ts';
import { type StateOptions, stateOf } from './node-state.ts';
import type { SessionLog } from './read-log.ts';

export interface ReaderOptions {
  readonly number: number;
  readonly reader: Reader;
  /** Where the heartbeat is, and the deadline of each question. */
  readonly state: StateOptions;
  /** Its own: it is one session of an application. */
  readonly log: SessionLog;
  readonly members: readonly Member[];
  readonly credentials: Credentials;
  readonly applicationName: string;
  /** Ends its sessions. */
  readonly signal: AbortSignal;
}

/** A node that does not answer must not cost the others their reads. */
const longestConnectMs = 2_000;

/** One reader with a session on each node that it has asked; never on a connection of a writer. */
export class LoadReader {
  readonly #options: ReaderOptions;
  readonly #sessions = new Map<string, Session>();
  /** Of the connections before. */
  #pastBytes = noBytes;
  #turn: number;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#turn = options.number;
  }

  /** One read, of the next node of the kind that it asks for. Errors: those of the workload's own code. */
  async observe(clock: LoadClock): Promise<ObservationLine> {
    const { number, members } = this.#options;
    const read = this.#options.reader.next();
    const first = this.#turn++;
    const refusals: string[] = [];
    let sentUs = clock.nowUs();
    for (let index = 0; index < members.length; index += 1) {
      const member = members[(first + index) % members.length];
      if (!member) continue;
      const session = await this.#sessionFor(read.on, member, { refusals, clock });
      if (!session) continue;
      sentUs = clock.nowUs();
      const answer = await askRead(session, read, this.#options.state);
      return { ...this.#line(read, clock, sentUs), node: member.name, ...answer };
    }
    const kind = read.on === 'any' ? 'node' : read.on;
    const problem = shortened(`no ${kind} could be asked: ${refusals.join('; ')}`);
    return { ...this.#line(read, clock, sentUs), reader: number, node: null, problem };
  }

  /** Over all its connections. */
  get bytes(): Bytes {
    return [...this.#sessions.values()].reduce(
      (sum, session) => addBytes(sum, session.bytes),
      this.#pastBytes,
    );
  }

  /** To one node at least. */
  get isConnected(): boolean {
    return [...this.#sessions.values()].some(({ isOpen }) => isOpen);
  }

  disconnect(): void {
    for (const name of [...this.#sessions.keys()]) this.#drop({ name });
  }

  #line({ name }: Read, clock: LoadClock, sentUs: number) {
    const [sent, answered] = [Math.round(sentUs), Math.round(clock.nowUs())];
    return { reader: this.#options.number, read: name, sentUs: sent, answeredUs: answered };
  }

  /** Undefined where the node is not of the kind, or does not answer; why is added to the refusals. */
  async #sessionFor(
    on: Read['on'],
    member: Member,
    { refusals, clock }: { readonly refusals: string[]; readonly clock: LoadClock },
  ): Promise<Session | undefined> {
    try {
      const session = await this.#sessionOn(member);
      const { state: asked, log } = this.#options;
      const state = await stateOf(session, clock, asked);
      if (on === 'any' || on === state.role) {
        log.saw(state, member.name, session);
        return session;
      }
      refusals.push(`${member.name} is ${state.role}`);
    } catch (error) {
      this.#drop(member);
      refusals.push(`${member.name}: ${messageOf(error)}`);
    }
    return undefined;
  }

  async #sessionOn(member: Member): Promise<Session> {
    const open = this.#sessions.get(member.name);
    if (open?.isOpen === true) return open;
    const { credentials, state, applicationName, signal } = this.#options;
    const settings = { ...credentials.settings, default_transaction_read_only: 'on' };
    const session = await connect(
      member.endpoint,
      { ...credentials, settings },
      {
        connectTimeoutMs: Math.min(state.timeoutMs, longestConnectMs),
        applicationName,
        signal,
      },
    );
    this.#forget(member);
    this.#sessions.set(member.name, session);
    return session;
  }

  #drop({ name }: Pick<Member, 'name'>): void {
    this.#sessions.get(name)?.destroy();
    this.#forget({ name });
  }

  #forget({ name }: Pick<Member, 'name'>): void {
    const session = this.#sessions.get(name);
    if (!session) return;
    this.#pastBytes = addBytes(this.#pastBytes, session.bytes);
    this.#sessions.delete(name);
  }
}
