import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { Statement } from '../contracts/workload.ts';
import { messageOf } from '../std/errors.ts';
import { copyIn } from './copy-in.ts';
import { PreparedStatements } from './prepared/statements.ts';
import {
  type Answer,
  type Bytes,
  type Notice,
  type QueryOptions,
  type Session,
  SqlError,
} from './session.ts';

const endTimeoutMs = 1_000;

/** A session on the driver's connection. `queryTimeoutMs`: for statements without a limit of their own. */
export class DriverSession implements Session {
  isOpen = true;
  readonly #client: pg.Client;
  readonly #where: string;
  readonly #queryTimeoutMs: number | undefined;
  /** The driver's statement in progress, until the driver is ready again; it never rejects. */
  #underWay: Promise<unknown> | undefined;
  #whenReady: () => void = () => undefined;
  #prepared: PreparedStatements | undefined;
  #end: Error | undefined;
  #isOurs = false;

  constructor(client: pg.Client, where: string, queryTimeoutMs: number | undefined) {
    this.#client = client;
    this.#where = where;
    this.#queryTimeoutMs = queryTimeoutMs;
    const close = (error = new Error('Connection terminated')) => {
      this.isOpen = false;
      this.#end ??= error;
      this.#whenReady();
      this.#prepared?.fail(this.#end);
    };
    // Without a listener a connection that breaks while idle would end the process.
    client.on('error', close);
    client.on('end', () => close());
    client.connection.on('readyForQuery', () => this.#whenReady());
  }

  get ended(): SqlError | undefined {
    return this.#end && !this.#isOurs ? this.#translate(this.#end) : undefined;
  }

  get bytes(): Bytes {
    // A socket, of TLS or not, whatever the driver's types say.
    const stream = this.#client.connection.stream as Partial<
      Pick<Socket, 'bytesWritten' | 'bytesRead'>
    >;
    const { bytesWritten = 0, bytesRead = 0 } = stream;
    return { sent: bytesWritten, received: bytesRead };
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
      return statement.name === undefined
        ? await this.#sendByDriver<T>(statement)
        : await this.#sendPrepared<T>(statement);
    } catch (error) {
      throw this.#translate(limit.isOver ? new Error(`no answer in ${timeoutMs ?? 0} ms`) : error);
    } finally {
      clearTimeout(timer);
    }
  }

  submit<T>(statement: Statement, done: (answer: Answer<T> | SqlError) => void): void {
    if (this.#underWay) {
      void this.#underWay.then(() => this.submit(statement, done));
      return;
    }
    this.#statements().send(statement, (answer) => {
      done(answer instanceof Error ? this.#translate(answer) : (answer as Answer<T>));
    });
  }

  async prepare({ name = '', text }: Statement): Promise<void> {
    while (this.#underWay) await this.#underWay;
    await new Promise<void>((resolve, reject) => {
      this.#statements().prepare({ name, text }, (answer) => {
        if (answer instanceof Error) reject(this.#translate(answer));
        else resolve();
      });
    });
  }

  #statements(): PreparedStatements {
    this.#prepared ??= new PreparedStatements(this.#client);
    if (this.#end) this.#prepared.fail(this.#end);
    return this.#prepared;
  }

  #sendPrepared<T>(statement: Statement): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      this.submit<T>(statement, (answer) => {
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
    });
  }

  /** One at a time: the driver's own queue is deprecated, and prints a warning when used. */
  async #sendByDriver<T>(statement: Statement): Promise<Answer<T>> {
    while (this.#underWay || this.#prepared?.isBusy) {
      await (this.#underWay ?? this.#prepared?.idle());
    }
    const ready = new Promise<void>((resolve) => {
      this.#whenReady = resolve;
    });
    if (this.#end) this.#whenReady();
    const answer: Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> = statement.copied
      ? copyIn(this.#client, statement.text, statement.copied)
      : this.#client.query(statement as pg.QueryConfig<unknown[]>);
    const ended = answer
      .catch(() => undefined)
      .then(() => ready)
      .then(() => {
        if (this.#underWay === ended) this.#underWay = undefined;
      });
    this.#underWay = ended;
    const { rows, rowCount } = await answer;
    return { rows: rows as T[], rowCount: rowCount ?? 0 };
  }

  #translate(error: unknown): SqlError {
    if (error instanceof SqlError) return error;
    return translate(error, this.#where, { wasConnected: true, wasReached: true });
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
    this.#isOurs ||= this.#end === undefined;
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
