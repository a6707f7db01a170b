import type { Json } from '../contracts/json.ts';
import type { Credentials } from '../contracts/cluster.ts';
import type { Read, Reader } from '../contracts/workload.ts';
import {
  mostProblemCharacters,
  mostValueCharacters,
  type ObservationLine,
} from '../evidence/observations/format.ts';
import { connect } from '../pg/connect.ts';
import type { Session } from '../pg/session.ts';
import { messageOf } from '../std/errors.ts';
import type { LoadClock } from './clock.ts';
import { newestBeat } from './heartbeat-table.ts';
import type { Member } from './member.ts';
import type { SessionLog } from './read-log.ts';

export interface ReaderOptions {
  readonly number: number;
  readonly reader: Reader;
  /** Of the run, where the heartbeat is. */
  readonly schema: string;
  /** Its own: it is one session of an application. */
  readonly log: SessionLog;
  readonly members: readonly Member[];
  readonly credentials: Credentials;
  readonly deadlineMs: number;
  /** Ends its sessions. */
  readonly signal: AbortSignal;
}

/** A node that does not answer must not cost the others their reads. */
const longestConnectMs = 2_000;

/** One reader with a session on each node that it has asked; never on a connection of a writer. */
export class LoadReader {
  readonly #options: ReaderOptions;
  readonly #sessions = new Map<string, Session>();
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
      const answer = await this.#ask(session, read, member);
      return { ...this.#line(read, clock, sentUs), node: member.name, ...answer };
    }
    const kind = read.on === 'any' ? 'node' : read.on;
    const problem = shortened(`no ${kind} could be asked: ${refusals.join('; ')}`);
    return { ...this.#line(read, clock, sentUs), reader: number, node: null, problem };
  }

  disconnect(): void {
    for (const session of this.#sessions.values()) session.destroy();
    this.#sessions.clear();
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
      const { schema, deadlineMs, log } = this.#options;
      const sentUs = Math.round(clock.nowUs());
      const { role, beat } = await stateOf(session, schema, deadlineMs);
      if (on === 'any' || on === role) {
        log.saw({ node: member.name, beat, sentUs }, session);
        return session;
      }
      refusals.push(`${member.name} is ${role}`);
    } catch (error) {
      this.#drop(member);
      refusals.push(`${member.name}: ${messageOf(error)}`);
    }
    return undefined;
  }

  async #sessionOn(member: Member): Promise<Session> {
    const open = this.#sessions.get(member.name);
    if (open?.isOpen === true) return open;
    const { credentials, deadlineMs, number, signal } = this.#options;
    const settings = { ...credentials.settings, default_transaction_read_only: 'on' };
    const session = await connect(
      member.endpoint,
      { ...credentials, settings },
      {
        connectTimeoutMs: Math.min(deadlineMs, longestConnectMs),
        applicationName: `forkpoint reader ${number}`,
        signal,
      },
    );
    this.#sessions.set(member.name, session);
    return session;
  }

  async #ask(
    session: Session,
    read: Read,
    member: Member,
  ): Promise<{ readonly value: Json } | { readonly problem: string }> {
    const timeoutMs = this.#options.deadlineMs;
    let rows;
    try {
      ({ rows } = await session.query(read.statement, { timeoutMs }));
    } catch (error) {
      this.#drop(member);
      return { problem: shortened(messageOf(error)) };
    }
    const value = read.keep(rows);
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) return { problem: 'its `keep` returned nothing' };
    if (text.length <= mostValueCharacters) return { value };
    return {
      problem: `its \`keep\` returned ${text.length} characters, and at most ${mostValueCharacters} are kept`,
    };
  }

  #drop({ name }: Member): void {
    this.#sessions.get(name)?.destroy();
    this.#sessions.delete(name);
  }
}

interface NodeState {
  readonly role: 'primary' | 'replica';
  /** The newest heartbeat that it shows. */
  readonly beat: number;
}

async function stateOf(session: Session, schema: string, timeoutMs: number): Promise<NodeState> {
  const text = `SELECT pg_is_in_recovery() AS inrecovery, ${newestBeat(schema)} AS beat`;
  const statement = { name: 'forkpoint_state', text, values: [] };
  const { rows } = await session.query<{ inrecovery: boolean; beat: number }>(statement, {
    timeoutMs,
  });
  const [row] = rows;
  return { role: row?.inrecovery === false ? 'primary' : 'replica', beat: row?.beat ?? 0 };
}

function shortened(text: string): string {
  return text.slice(0, mostProblemCharacters);
}
