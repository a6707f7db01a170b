import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Statement } from '../contracts/workload.ts';
import { messageOf } from '../std/errors.ts';
import { copyIn } from './copy-in.ts';
import { type Answer, type Notice, type QueryOptions, type Session, SqlError } from './session.ts';

const endTimeoutMs = 1_000;

/** A session on the driver's connection. `queryTimeoutMs`: for statements without a limit of their own. */
export class DriverSession implements Session {
  isOpen = true;
  readonly #client: pg.Client;
  readonly #where: string;
  readonly #queryTimeoutMs: number | undefined;
  /** The statement in progress; it never rejects. */
  #underWay: Promise<unknown> | undefined;

  constructor(client: pg.Client, where: string, queryTimeoutMs: number | undefined) {
    this.#client = client;
    this.#where = where;
    this.#queryTimeoutMs = queryTimeoutMs;
    const close = () => {
      this.isOpen = false;
    };
    // Without a listener a connection that breaks while idle would end the process.
    client.on('error', close);
    client.on('end', close);
  }

  async rows<T>(text: string, values: readonly unknown[] = [], options?: QueryOptions) {
    return (await this.query<T>({ text, values }, options)).rows as T[];
  }

  async query<T>(statement: Statement, options?: QueryOptions): Promise<Answer<T>> {
    const timeoutMs = options?.timeoutMs ?? this.#queryTimeoutMs;
    const limit = { isOver: false };
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            limit.isOver = true;
            this.destroy();
          }, timeoutMs);
    try {
      const result = await this.#send(statement);
      return { rows: result.rows as T[], rowCount: result.rowCount ?? 0 };
    } catch (error) {
      const reason = limit.isOver ? new Error(`no answer in ${timeoutMs ?? 0} ms`) : error;
      throw translate(reason, this.#where, { wasConnected: true, wasReached: true });
    } finally {
      clearTimeout(timer);
    }
  }

  /** One at a time: the driver's own queue is deprecated, and prints a warning when used. */
  async #send(statement: Statement): Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> {
    while (this.#underWay) await this.#underWay;
    const answer: Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> = statement.copied
      ? copyIn(this.#client, statement.text, statement.copied)
      : this.#client.query(statement as pg.QueryConfig<unknown[]>);
    const ended = answer
      .catch(() => undefined)
      .then(() => {
        if (this.#underWay === ended) this.#underWay = undefined;
      });
    this.#underWay = ended;
    return await answer;
  }

  onNotice(listener: (notice: Notice) => void): void {
    this.#client.on('notice', (notice) =>
      listener({
        severity: notice.severity ?? '',
        sqlState: notice.code ?? '',
        message: notice.message ?? '',
        routine: notice.routine ?? '',
      }),
    );
  }

  destroy(): void {
    this.isOpen = false;
    this.#client.connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const giveUp = new AbortController();
    await Promise.race([
      this.#client.end().catch(() => undefined),
      sleep(endTimeoutMs, undefined, { signal: giveUp.signal }).catch(() => undefined),
    ]);
    giveUp.abort();
    this.destroy();
  }
}

/** The driver's message without its details: hosts may appear, passwords and statements may not. */
export function translate(
  error: unknown,
  where: string,
  reach: Pick<SqlError, 'wasConnected' | 'wasReached'>,
): SqlError {
  // Node's own errors have a `code` too (ECONNRESET); only a DatabaseError's is a SQLSTATE.
  const fromServer = error instanceof pg.DatabaseError ? error : undefined;
  return new SqlError(`${where}: ${messageOf(error)}`, {
    sqlState: fromServer?.code ?? '',
    severity: fromServer?.severity ?? '',
    position: fromServer?.position === undefined ? undefined : Number(fromServer.position),
    ...reach,
    cause: error,
  });
}
