import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, Statement, Writer } from '../contracts/workload.ts';
import type { Answer, Session } from '../pg/session.ts';
import { noData } from '../pg/outcome.ts';
import type { PoolSpec } from '../contracts/route.ts';
import type { Connector } from '../routes/connector.ts';
import type { ServerAddress } from '../routes/identity.ts';
import type { JournalWriter } from '../evidence/journal/writer.ts';
import type { ClientReads } from './client-reads.ts';
import type { LoadClock } from './clock.ts';
import type { Gate, GateTurn } from './gate.ts';
import { journalIds } from '../evidence/journal/append-ids.ts';
import { asError } from '../std/errors.ts';
import { type Answered, answeredBy, type WriteRow } from './answered.ts';
import { ClientConnection } from './client-connection.ts';
import type { Retrying } from './retrying.ts';
import { type Opening, sendOperation } from './send-operation.ts';
import type { Tally } from './tally.ts';

/** What the clients of one route share. */
export interface RouteTools {
  readonly connector: Connector;
  readonly pool: PoolSpec;
  /** Behind a pooler of transactions; absent: a connection leads to one server. */
  readonly opening?: {
    readonly statement: Statement;
    memberOf(server: ServerAddress): number | undefined;
  };
}

/** Shared by the connections of one worker. */
export interface ClientTools {
  readonly clock: LoadClock;
  readonly gate: Gate;
  readonly tally: Tally;
  /** undefined: nothing is journaled. */
  readonly journal: JournalWriter | undefined;
  readonly deadlineUs: number;
  /** What this client does before each operation; absent: nothing. */
  readonly think?: (() => Promise<void>) | undefined;
  /** How it sends again what failed for a moment; absent: never. */
  readonly retry?: Retrying | undefined;
  /** Operations that a client has in progress at most. */
  readonly pipeline: number;
}

interface Sent {
  readonly operation: Operation;
  readonly turn: GateTurn;
  readonly sentUs: number;
}

/** Pause after the server refused an operation: long enough not to overload it, short against any recovery. */
const refusalPauseMs = 20;
/** A retry is another statement for a server that refuses all of them. */
const retryPauseMs = 100;
/** The last part of the deadline is for the answer to the last attempt. */
const lastRetryShare = 0.25;
const readOnly = '25006';

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
  }

  get isConnected(): boolean {
    return this.#connection.isOpen;
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
    const how = await this.#reads?.read(clock, session, this.#connection.member);
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
    const answered = this.#isOneStatement(operation)
      ? await this.#submit(session, sent, tools)
      : this.#settle(sent, await this.#askUntilTaken(session, operation, tools), tools);
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
      const answered = await this.#askUntilTaken(session, operation, tools);
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
        this.#journal(sent, ended, { tools, latencyUs: answeredUs - begunUs, member });
        this.#isBusy = false;
        if (isTroubled && !next && answered.sqlState !== noData)
          await this.#afterTrouble(session, answered);
        return;
      }
      isUnsure ||= answered.outcome === 'indeterminate';
      tools.journal?.appendAttempt({
        ...this.#recordOf(operation, answered, member),
        outcome: answered.outcome === 'indeterminate' ? 'indeterminate' : 'failed',
        sentUs: Math.round(sentUs),
        latencyUs: Math.round(answeredUs - sentUs),
        pausedUs: Math.round(clock.nowUs() - answeredUs),
      });
      tally.countRetry(answered);
      session = further;
    }
  }

  /** Pauses, and gives the session for the next attempt; undefined: the load is over first. */
  async #again(
    session: Session,
    answered: Answered,
    attempt: number,
    { retry }: { readonly retry: Retrying },
  ): Promise<Session | undefined> {
    if (this.#isUntrusted(session, answered)) this.#connection.giveUp(session);
    if (!(await retry.pause(attempt))) return undefined;
    return retry.unlessOver(async () => {
      await this.#connection.untilUsable();
      return this.#connection.usable;
    });
  }

  /** Prepared, and the whole transaction: the way of most operations, and the shortest. */
  #isOneStatement({ statement, before, begin }: Operation): boolean {
    const isAlone = !before && begin === undefined && !this.#route.opening;
    return isAlone && statement.name !== undefined && this.#route.pool.on25006 !== 'retry';
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
    },
  ): void {
    const { latencyUs, member } = about;
    const { journal, tally, gate } = about.tools;
    const { seq, count } = operation;
    const { outcome, ids } = answered;
    if (journal) {
      if (ids.length > 0) journalIds(journal, this.number, seq, ids);
      journal.append({
        ...this.#recordOf(operation, answered, member),
        sentUs: Math.round(sentUs),
        latencyUs: Math.round(latencyUs),
        waitedUs: typeof turn === 'number' ? Math.max(0, Math.round(sentUs - turn)) : 0,
      });
    }
    this.#writer.settle(operation, outcome);
    this.#reads?.settled(operation, outcome);
    tally.count(answered, count);
    gate.settled(turn);
  }

  #recordOf(
    { kind, seq, count, version }: Operation,
    { outcome, sqlState, timeline, lsn }: Answered,
    node: number | undefined,
  ) {
    return {
      kind,
      outcome,
      writer: this.number,
      seq,
      count,
      version,
      node,
      timeline,
      lsn,
      sqlState,
    };
  }

  /** As `retry` says: a read-only server refused the write, so nothing of it is there, and it may be sent again. */
  async #askUntilTaken(
    session: Session,
    operation: Operation,
    { clock, deadlineUs }: ClientTools,
  ): Promise<Answered> {
    for (;;) {
      const answered = await this.#ask(session, operation);
      const isRefused = answered.outcome === 'failed' && answered.sqlState === readOnly;
      if (!isRefused || this.#route.pool.on25006 !== 'retry' || !session.isOpen) return answered;
      const { expiresUs } = this.#connection;
      if (clock.nowUs() >= expiresUs - deadlineUs * lastRetryShare) return answered;
      await sleep(retryPauseMs);
    }
  }

  async #ask(session: Session, operation: Operation): Promise<Answered> {
    this.#connection.wasSyncWaitCanceled = false;
    let answer: Answer<WriteRow> | Error;
    try {
      answer = await sendOperation<WriteRow>(session, operation, this.#openingOf());
    } catch (error) {
      answer = asError(error);
    }
    return answeredBy(answer, operation, this.#connection.wasSyncWaitCanceled);
  }

  #openingOf(): Opening | undefined {
    const { opening } = this.#route;
    if (!opening) return undefined;
    this.#connection.member = undefined;
    const heard = (server: ServerAddress | undefined) => {
      this.#connection.member = server && opening.memberOf(server);
    };
    return { statement: opening.statement, heard };
  }

  /**
   * The state of a broken connection is unknown, and a server that refuses writes may not be the primary; whether that
   * matters to the application, its pool says.
   */
  async #afterTrouble(session: Session, answered: Answered): Promise<void> {
    if (this.#isUntrusted(session, answered)) this.#connection.giveUp(session);
    else await sleep(refusalPauseMs);
  }

  #isUntrusted(session: Session, { outcome, sqlState }: Answered): boolean {
    const isKept = sqlState === readOnly && this.#route.pool.on25006 !== 'reconnect';
    const isOver = sqlState.startsWith('25') && !isKept;
    return outcome === 'indeterminate' || !session.isOpen || isOver;
  }
}
