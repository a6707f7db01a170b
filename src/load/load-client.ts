import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, Statement, Writer } from '../contracts/workload.ts';
import { HarnessBug } from '../std/errors.ts';
import type { Answer, Session } from '../pg/session.ts';
import { parseLsn } from '../pg/lsn.ts';
import {
  isSyncWaitCanceled,
  noData,
  outcomeOfAnswer,
  outcomeOfError,
  type Judgement,
} from '../pg/outcome.ts';
import type { PoolSpec } from '../contracts/route.ts';
import type { Connector } from '../routes/connector.ts';
import type { ServerAddress } from '../routes/identity.ts';
import type { JournalWriter } from '../evidence/journal/writer.ts';
import type { LoadClock } from './clock.ts';
import type { Gate, GateTurn } from './gate.ts';
import { journalIds } from '../evidence/journal/append-ids.ts';
import { NotCommitted, type Opening, sendOperation } from './send-operation.ts';
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
}

/** One row of what a workload's statement returns; see Operation.statement. */
interface WriteRow {
  readonly lsn: string;
  readonly timeline: string;
  readonly touched: number;
  readonly ids?: readonly string[];
}

interface Answered extends Judgement {
  readonly timeline: number;
  readonly lsn: bigint;
  readonly ids: readonly string[];
}

/** Pause after the server refused an operation: long enough not to overload it, short against any recovery. */
const refusalPauseMs = 20;
/** A retry is another statement for a server that refuses all of them. */
const retryPauseMs = 100;
/** The last part of the deadline is for the answer to the last attempt. */
const lastRetryShare = 0.25;
const readOnly = '25006';
const nothing = { timeline: 0, lsn: 0n, ids: [] };

/**
 * One connection, and so one writer: at most one operation is in progress, and each is journaled when its outcome is
 * known, before the next is sent.
 */
export class LoadClient {
  /** Of its writer. */
  readonly number: number;
  readonly #writer: Writer;
  readonly #route: RouteTools;
  #session: Session | undefined;
  #member: number | undefined;
  #openedMs = 0;
  #expiresUs = Infinity;
  #wasSyncWaitCanceled = false;

  constructor(number: number, writer: Writer, route: RouteTools) {
    this.number = number;
    this.#writer = writer;
    this.#route = route;
  }

  get isConnected(): boolean {
    return this.#session?.isOpen === true;
  }

  get isBusy(): boolean {
    return this.#expiresUs !== Infinity;
  }

  /** Resolves when its route has given a connection. Not being able to connect is not an attempt. */
  async connect(): Promise<void> {
    const { session, member } = await this.#route.connector.connect();
    session.onNotice((notice) => {
      if (isSyncWaitCanceled(notice)) this.#wasSyncWaitCanceled = true;
    });
    this.#session = session;
    this.#member = member;
    this.#openedMs = performance.now();
  }

  /** Works until the gate says that the load is over. Errors: those of a full disk or of a bug. */
  async run(tools: ClientTools): Promise<void> {
    for (;;) {
      await tools.think?.();
      // First a connection, then a turn: a client without a connection must not hold a turn that another could use.
      this.#endOldSession();
      if (this.#session?.isOpen !== true) await this.connect();
      const turn = await tools.gate.turn();
      if (turn === undefined) return;
      if (this.#session?.isOpen === true) await this.#operate(this.#session, turn, tools);
      else tools.gate.giveBack(turn);
    }
  }

  /** Called by the worker's sweep: one timer for all connections costs less than one per operation. */
  expire(nowUs: number): void {
    if (nowUs >= this.#expiresUs) this.#session?.destroy();
  }

  disconnect(): void {
    this.#session?.destroy();
  }

  async #operate(session: Session, turn: GateTurn, tools: ClientTools): Promise<void> {
    const { clock, journal, tally } = tools;
    const operation = this.#writer.next();
    this.#wasSyncWaitCanceled = false;
    const sentUs = clock.nowUs();
    this.#expiresUs = sentUs + tools.deadlineUs;
    const answered = await this.#askUntilTaken(session, operation, tools);
    const latencyUs = clock.nowUs() - sentUs;
    this.#expiresUs = Infinity;
    const { kind, seq, count, version } = operation;
    const { outcome, sqlState, timeline, lsn, ids } = answered;
    if (journal) {
      if (ids.length > 0) journalIds(journal, this.number, seq, ids);
      journal.append({
        kind,
        outcome,
        writer: this.number,
        seq,
        count,
        version,
        node: this.#member,
        timeline,
        lsn,
        sqlState,
        sentUs: Math.round(sentUs),
        latencyUs: Math.round(latencyUs),
        waitedUs: typeof turn === 'number' ? Math.max(0, Math.round(sentUs - turn)) : 0,
      });
    }
    this.#writer.settle(operation, outcome);
    tally.count(answered, count);
    tools.gate.settled(turn);
    if (sqlState !== noData && (outcome === 'failed' || outcome === 'indeterminate')) {
      await this.#afterTrouble(session, answered);
    }
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
      if (clock.nowUs() >= this.#expiresUs - deadlineUs * lastRetryShare) return answered;
      await sleep(retryPauseMs);
    }
  }

  async #ask(session: Session, operation: Operation): Promise<Answered> {
    let answer: Answer<WriteRow>;
    try {
      answer = await sendOperation<WriteRow>(session, operation, this.#openingOf());
    } catch (error) {
      if (error instanceof NotCommitted) {
        return { outcome: 'failed', sqlState: error.sqlState, ...nothing };
      }
      return { ...outcomeOfError(error), ...nothing };
    }
    const row = answer.rows[0];
    const judgement = outcomeOfAnswer({
      touched: touchedBy(answer.rows),
      expected: operation.count,
      wasSyncWaitCanceled: this.#wasSyncWaitCanceled,
    });
    const { outcome } = judgement;
    if (!row || (outcome !== 'acknowledged' && outcome !== 'localOnly')) {
      return { ...judgement, ...nothing };
    }
    const timeline = Number.parseInt(row.timeline, 16);
    return { ...judgement, timeline, lsn: parseLsn(row.lsn), ids: row.ids ?? [] };
  }

  #openingOf(): Opening | undefined {
    const { opening } = this.#route;
    if (!opening) return undefined;
    this.#member = undefined;
    const heard = (server: ServerAddress | undefined) => {
      this.#member = server && opening.memberOf(server);
    };
    return { statement: opening.statement, heard };
  }

  #endOldSession(): void {
    const { maxLifetimeMs = Infinity } = this.#route.pool;
    if (this.#session?.isOpen !== true || performance.now() - this.#openedMs < maxLifetimeMs)
      return;
    void this.#session[Symbol.asyncDispose]();
    this.#session = undefined;
  }

  /**
   * The state of a broken connection is unknown, and a server that refuses writes may not be the primary; whether that
   * matters to the application, its pool says.
   */
  async #afterTrouble(session: Session, { outcome, sqlState }: Judgement): Promise<void> {
    const { pool, connector } = this.#route;
    const isKept = sqlState === readOnly && pool.on25006 !== 'reconnect';
    const isOver = sqlState.startsWith('25') && !isKept;
    if (outcome === 'indeterminate' || !session.isOpen || isOver) {
      session.destroy();
      connector.distrust(this.#member);
    } else {
      await sleep(refusalPauseMs);
    }
  }
}

function touchedBy(rows: readonly WriteRow[]): number {
  let touched = 0;
  for (const row of rows) touched += row.touched;
  if (Number.isInteger(touched)) return touched;
  throw new HarnessBug('a workload statement did not return how many rows it touched');
}
