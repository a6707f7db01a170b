import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../contracts/workload.ts';
import type { Answer, Session } from '../pg/session.ts';
import type { ServerAddress } from '../routes/identity.ts';
import { asError } from '../std/errors.ts';
import { type Answered, answeredBy, type WriteRow } from './answered.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ClientTools, RouteTools } from './client-tools.ts';
import { type Opening, sendOperation } from './send-operation.ts';

/** A retry is another statement for a server that refuses all of them. */
const retryPauseMs = 100;
/** The last part of the deadline is for the answer to the last attempt. */
const lastRetryShare = 0.25;
const readOnly = '25006';

/** How one client sends an operation on its route, and what it makes of the answer. */
export class Asking {
  readonly #route: RouteTools;
  readonly #connection: ClientConnection;

  constructor(route: RouteTools, connection: ClientConnection) {
    this.#route = route;
    this.#connection = connection;
  }

  /** Prepared, and the whole transaction: the way of most operations, and the shortest. */
  isOneStatement({ statement, before, begin }: Operation): boolean {
    const isAlone = !before && begin === undefined && !this.#route.opening;
    return isAlone && statement.name !== undefined && this.#route.pool.on25006 !== 'retry';
  }

  /** As `retry` says: a read-only server refused the write, so nothing of it is there, and it may be sent again. */
  async untilTaken(
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

  isUntrusted(session: Session, { outcome, sqlState }: Answered): boolean {
    const isKept = sqlState === readOnly && this.#route.pool.on25006 !== 'reconnect';
    const isOver = sqlState.startsWith('25') && !isKept;
    return outcome === 'indeterminate' || !session.isOpen || isOver;
  }
}
