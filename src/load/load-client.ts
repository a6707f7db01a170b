import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, Statement, Writer } from '../contracts/workload.ts';
import type { Bytes, Session } from '../pg/session.ts';
import { noData } from '../pg/outcome.ts';
import type { ClientReads } from './client-reads.ts';
import type { GateTurn } from './gate.ts';
import { journalIds } from '../evidence/journal/append-ids.ts';
import { asError } from '../std/errors.ts';
import { type Answered, answeredBy, type WriteRow } from './answered.ts';
import { Asking } from './asking.ts';
import { ClientConnection } from './client-connection.ts';
import { addBytes } from './bytes.ts';
import type { ClientTools, RouteTools } from './client-tools.ts';
import type { Retrying } from './retrying.ts';

interface Sent {
  readonly operation: Operation;
  readonly turn: GateTurn;
  readonly sentUs: number;
}

/** Pause after the server refused an operation: long enough not to overload it, short against any recovery. */
const refusalPauseMs = 20;

/**
 * One connection, and so one writer: at most `pipeline` operations are in progress, and each is journaled when its outcome is
 * known, in the order of the sending; by default one, so before the next is sent.
 */
export class LoadClient {
  /** Of its writer. */
  readonly number: number;
  #writer: Writer;
  readonly #route: RouteTools;
  readonly #connection: ClientConnection;
  readonly #asking: Asking;
  #reads: ClientReads | undefined;
  #isBusy = false;
  #isBackingOff = false;

  /** `reads`: absent where it only writes. */
  constructor(number: number, writer: Writer, route: RouteTools, reads?: ClientReads) {
    this.number = number;
    this.#writer = writer;
    this.#route = route;
    this.#reads = reads;
    this.#connection = new ClientConnection(route);
    this.#asking = new Asking(route, this.#connection);
  }

  get isConnected(): boolean {
    return this.#connection.isOpen;
  }

  /** Of its writer and of its reads. */
  get bytes(): Bytes {
    const own = this.#connection.bytes;
    return this.#reads ? addBytes(own, this.#reads.bytes) : own;
  }

  /** Operations in progress. */
  get inFlight(): number {
    return this.#connection.inFlight;
  }

  /** An operation has no outcome yet, though nothing may be in flight. */
  get isBusy(): boolean {
    return this.#isBusy || this.inFlight > 0;
  }

  /** It pauses, or waits for a connection, before it sends an operation again. */
  get isBackingOff(): boolean {
    return this.#isBackingOff;
  }

  connect(): Promise<void> {
    return this.#connection.connect();
  }

  /**
   * Prepares the statements that will be sent, and does the operations of another writer in the same way. Resolves with a usable
   * connection.
   */
  async warmUp(tools: ClientTools, other: Writer, statements: readonly Statement[]): Promise<void> {
    // Behind a pooler of transactions nothing is prepared.
    if (this.#route.opening) return;
    const [own, reads] = [this.#writer, this.#reads];
    this.#writer = other;
    this.#reads = undefined;
    try {
      const session = this.#connection.usable;
      for (const statement of statements) await session?.prepare(statement).catch(() => undefined);
      await this.run(tools);
      await this.#connection.untilUsable();
    } finally {
      this.#writer = own;
      this.#reads = reads;
    }
  }

  /** Works until the gate says that the load is over. Errors: those of a full disk or of a bug. */
  async run(tools: ClientTools): Promise<void> {
    const lanes = Array.from({ length: tools.pipeline }, () => this.#runLane(tools));
    await Promise.all(lanes);
  }

  /** One operation after the other. */
  async #runLane(tools: ClientTools): Promise<void> {
    for (;;) {
      await tools.think?.();
      // First a connection, then a turn: a client without a connection must not hold a turn that another could use.
      this.#connection.retireIfOld();
      if (!this.#connection.usable) await this.#connection.untilUsable();
      const turn = await tools.gate.turn();
      if (turn === undefined) return;
      const session = this.#connection.usable;
      if (!session) tools.gate.giveBack(turn);
      else if (turn !== 'allowed' && this.#reads?.isNext() === true) {
        await this.#read(session, turn, tools);
      } else await this.#operate(session, turn, tools);
    }
  }

  /** Called by the worker's sweep: one timer for all connections costs less than one per operation. */
  expire(nowUs: number): void {
    this.#connection.expire(nowUs);
  }

  disconnect(): void {
    this.#connection.destroy();
    this.#reads?.disconnect();
  }

  /** A read has no fate, and is in no journal. */
  async #read(session: Session, turn: GateTurn, { clock, gate }: ClientTools): Promise<void> {
    const { member } = this.#connection;
    const how = await this.#reads?.read(clock, turn, { session, member });
    gate.settled(turn);
    if (how === 'broken') this.#connection.giveUp(session);
    else if (how === 'failed') await sleep(refusalPauseMs);
  }

  async #operate(session: Session, turn: GateTurn, tools: ClientTools): Promise<void> {
    const { retry } = tools;
    if (retry) return this.#operateAgain(session, turn, { ...tools, retry });
    const operation = this.#writer.next();
    const sentUs = tools.clock.nowUs();
    this.#connection.begin(sentUs + tools.deadlineUs);
    const sent = { operation, turn, sentUs };
    const answered = this.#asking.isOneStatement(operation)
      ? await this.#submit(session, sent, tools)
      : this.#settle(sent, await this.#asking.untilTaken(session, operation, tools), tools);
    const { outcome, sqlState } = answered;
    if (sqlState !== noData && (outcome === 'failed' || outcome === 'indeterminate')) {
      await this.#afterTrouble(session, answered);
    }
  }

  /**
   * One operation with all its attempts. Its record spans them, from the first sending to the last answer, for it may have taken
   * effect at any time between; after an attempt whose outcome is unknown, only a success makes its own outcome known.
   */
  async #operateAgain(
    session: Session,
    turn: GateTurn,
    tools: ClientTools & { readonly retry: Retrying },
  ): Promise<void> {
    const { clock, retry, tally } = tools;
    const operation = this.#writer.next();
    const begunUs = clock.nowUs();
    let isUnsure = false;
    this.#isBusy = true;
    for (let attempt = 1; ; attempt++) {
      const sentUs = clock.nowUs();
      this.#connection.begin(sentUs + tools.deadlineUs);
      const answered = await this.#asking.untilTaken(session, operation, tools);
      this.#connection.settled();
      const answeredUs = clock.nowUs();
      const member = this.#connection.member;
      const isTroubled = answered.outcome === 'failed' || answered.outcome === 'indeterminate';
      const next =
        isTroubled && retry.isWorthIt(answered, attempt)
          ? this.#again(session, answered, attempt, tools)
          : undefined;
      this.#isBackingOff = next !== undefined;
      const further = await next;
      this.#isBackingOff = false;
      if (!further) {
        const outcome = isUnsure && isTroubled ? 'indeterminate' : answered.outcome;
        const sent = { operation, turn, sentUs: begunUs };
        const ended = { ...answered, outcome };
        const about = { tools, latencyUs: answeredUs - begunUs, member };
        // An earlier attempt may still arrive: what it inserts must not be deleted before.
        this.#journal(sent, ended, isUnsure ? { ...about, settledAs: 'indeterminate' } : about);
        this.#isBusy = false;
        if (isTroubled && !next && answered.sqlState !== noData)
          await this.#afterTrouble(session, answered);
        return;
      }
      isUnsure ||= answered.outcome === 'indeterminate';
      tools.journal?.appendAttempt({
        ...recordOf(operation, answered, { writer: this.number, node: member }),
        outcome: answered.outcome === 'indeterminate' ? 'indeterminate' : 'failed',
        sentUs: Math.round(sentUs),
        latencyUs: Math.round(answeredUs - sentUs),
        pausedUs: Math.round(clock.nowUs() - answeredUs),
      });
      tally.countRetry(answered);
      session = further;
    }
  }

  /** Pauses, and gives the session for the next attempt; undefined: the load is over or held first. */
  async #again(
    session: Session,
    answered: Answered,
    attempt: number,
    { retry, gate: { holding } }: ClientTools & { readonly retry: Retrying },
  ): Promise<Session | undefined> {
    if (this.#asking.isUntrusted(session, answered)) this.#connection.giveUp(session);
    if (!(await retry.pause(attempt, holding))) return undefined;
    return retry.unlessOver(async () => {
      await this.#connection.untilUsable();
      return this.#connection.usable;
    }, holding);
  }

  /** Journals it at once when its answer is there: answers that come together must not change their order. */
  #submit(session: Session, sent: Sent, tools: ClientTools): Promise<Answered> {
    return new Promise((resolve, reject) => {
      session.submit<WriteRow>(sent.operation.statement, (answer) => {
        try {
          resolve(this.#settle(sent, answeredBy(answer, sent.operation), tools));
        } catch (error) {
          reject(asError(error));
        }
      });
    });
  }

  #settle({ operation, turn, sentUs }: Sent, answered: Answered, tools: ClientTools): Answered {
    const { member } = this.#connection;
    const latencyUs = tools.clock.nowUs() - sentUs;
    this.#journal({ operation, turn, sentUs }, answered, { tools, latencyUs, member });
    this.#connection.settled();
    return answered;
  }

  #journal(
    { operation, turn, sentUs }: Sent,
    answered: Answered,
    about: {
      readonly tools: ClientTools;
      readonly latencyUs: number;
      readonly member: number | undefined;
      /** For the writer, where it must expect more than the outcome says. */
      readonly settledAs?: 'indeterminate';
    },
  ): void {
    const { latencyUs, member } = about;
    const { journal, tally, gate } = about.tools;
    const { seq, count } = operation;
    const { outcome, ids } = answered;
    if (journal) {
      if (ids.length > 0) journalIds(journal, this.number, seq, ids);
      journal.append({
        ...recordOf(operation, answered, { writer: this.number, node: member }),
        sentUs: Math.round(sentUs),
        latencyUs: Math.round(latencyUs),
        waitedUs: typeof turn === 'number' ? Math.max(0, Math.round(sentUs - turn)) : 0,
      });
    }
    this.#writer.settle(operation, about.settledAs ?? outcome);
    this.#reads?.settled(operation, outcome);
    tally.count(answered, count);
    gate.settled(turn);
  }

  /**
   * The state of a broken connection is unknown, and a server that refuses writes may not be the primary; whether that
   * matters to the application, its pool says.
   */
  async #afterTrouble(session: Session, answered: Answered): Promise<void> {
    if (this.#asking.isUntrusted(session, answered)) this.#connection.giveUp(session);
    else await sleep(refusalPauseMs);
  }
}

function recordOf(
  { kind, seq, count, version }: Operation,
  { outcome, sqlState, timeline, lsn }: Answered,
  by: { readonly writer: number; readonly node: number | undefined },
) {
  return { kind, outcome, seq, count, version, timeline, lsn, sqlState, ...by };
}
