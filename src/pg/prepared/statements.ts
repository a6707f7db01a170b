import { asError } from '../../std/errors.ts';
import pg from 'pg';
import type { Statement } from '../../contracts/workload.ts';
import type { Answer, Notice } from '../session.ts';
import { type Column, columnsOf, fieldsOf, parameterTypes, rowCountOf, rowOf } from './answers.ts';
import { takeReads } from '../reads.ts';
import { MessageBuffer } from './message-buffer.ts';
import { MessageSplitter } from './message-splitter.ts';
import { appendExecute, appendPrepare } from './requests.ts';

/** Called once for each statement, in the order in which they were sent. */
export type Done = (answer: Answer<Record<string, unknown>> | Error) => void;

interface Known {
  readonly text: string;
  readonly name: string;
  types: readonly number[];
  columns: readonly Column[];
}

/** A request that the server has not answered to its end. */
interface Pending {
  readonly statement: Known;
  readonly rows: Record<string, unknown>[];
  rowCount: number;
  notices: Notice[] | undefined;
  error: Error | undefined;
  readonly done: Done;
}

interface Held {
  readonly statement: Statement;
  readonly done: Done;
}

const type = {
  bindComplete: 0x32,
  commandComplete: 0x43,
  dataRow: 0x44,
  error: 0x45,
  emptyQuery: 0x49,
  noData: 0x6e,
  notice: 0x4e,
  notification: 0x41,
  parameterDescription: 0x74,
  parameterStatus: 0x53,
  parseComplete: 0x31,
  readyForQuery: 0x5a,
  rowDescription: 0x54,
};

/**
 * Prepared statements on the driver's connection, any number of them on their way: each is sent as one buffer with a Sync of its
 * own, so that it is its own transaction, and its answer counts when the server is ready for the next, for only then has it
 * committed. The driver makes and ends the connection and hears all that comes while none of these is on its way.
 */
export class PreparedStatements {
  readonly #client: pg.Client;
  readonly #known = new Map<string, Known>();
  readonly #splitter = new MessageSplitter();
  readonly #pending: Pending[] = [];
  readonly #drivers: readonly ((bytes: Buffer) => void)[];
  #whenIdle: (() => void)[] = [];
  /** While a statement is being prepared: those that wait for it. */
  #held: Held[] | undefined;
  #over: Error | undefined;
  readonly #requests = new MessageBuffer();
  /** Requests are sent at the end of this turn of the event loop, together. */
  #isGathering = false;

  /** The driver must be ready for a query, and must not be used while `isBusy`. */
  constructor(client: pg.Client) {
    this.#client = client;
    this.#drivers = takeReads(client.connection.stream, (chunk) =>
      this.#splitter.push(chunk, this.#hear),
    );
  }

  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  /** Resolves when the driver may be used. */
  async idle(): Promise<void> {
    while (this.isBusy) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** `statement` has a name: the connection prepares it once. Errors: the driver's, given to `done`. */
  send(statement: Statement, done: Done): void {
    const { name = '', text } = statement;
    const known = this.#known.get(name);
    if (this.#over) done(this.#over);
    else if (this.#held) this.#held.push({ statement, done });
    else if (known?.text === text) {
      try {
        appendExecute(this.#requests, { name, values: statement.values, types: known.types });
      } catch (error) {
        done(asError(error));
        return;
      }
      this.#write(known, done);
    } else if (known) {
      done(new Error(`prepared statement ${name} has another text on this connection`));
    } else {
      this.prepare({ name, text }, (prepared) => {
        if (prepared instanceof Error) done(prepared);
        else this.send(statement, done);
      });
    }
  }

  /** What is sent meanwhile follows when the server has answered: its order is kept. */
  prepare({ name, text }: { readonly name: string; readonly text: string }, done: Done): void {
    if (this.#over) {
      done(this.#over);
      return;
    }
    const known: Known = { name, text, types: [], columns: [] };
    const held: Held[] = [];
    this.#held = held;
    appendPrepare(this.#requests, name, text);
    this.#write(known, (answer) => {
      if (!(answer instanceof Error)) this.#known.set(name, known);
      this.#held = undefined;
      done(answer);
      for (const next of held) this.send(next.statement, next.done);
    });
  }

  /** The connection is gone: nothing more will be answered. */
  fail(error: Error): void {
    this.#over ??= error;
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      next.done(next.error ?? error);
    }
    this.#noteIdle();
  }

  #write(statement: Known, done: Done): void {
    const pending = { statement, rows: [], rowCount: 0, notices: undefined, error: undefined };
    this.#pending.push({ ...pending, done });
    // Alone, it leaves at once. Of several, the answers that come together make room for requests that can leave together.
    if (this.#pending.length === 1) this.#flush();
    else if (!this.#isGathering) {
      this.#isGathering = true;
      setImmediate(this.#flush);
    }
  }

  readonly #flush = (): void => {
    this.#isGathering = false;
    const requests = this.#requests.take();
    if (requests.length > 0 && !this.#over) this.#client.connection.stream.write(requests);
  };

  readonly #hear = (code: number, bytes: Buffer, from: number, to: number): void => {
    const [head] = this.#pending;
    if (!head) {
      const message = bytes.subarray(from - 5, to);
      for (const driver of this.#drivers) driver(message);
      return;
    }
    switch (code) {
      case type.bindComplete:
      case type.parseComplete:
      case type.parameterStatus:
      case type.notification:
      case type.emptyQuery:
      case type.noData:
        return;
      case type.dataRow:
        head.rows.push(rowOf(head.statement.columns, bytes, from));
        return;
      case type.commandComplete:
        head.rowCount = rowCountOf(bytes, from, to);
        return;
      case type.readyForQuery:
        this.#settle();
        return;
      case type.parameterDescription:
        head.statement.types = parameterTypes(bytes, from);
        return;
      case type.rowDescription:
        head.statement.columns = columnsOf(bytes, from);
        return;
      case type.error:
        head.error = errorOf(fieldsOf(bytes, from), to - from);
        return;
      case type.notice:
        (head.notices ??= []).push(noticeOf(fieldsOf(bytes, from)));
        return;
      default:
        // Nothing is known of what was sent: the connection is given up.
        this.#client.connection.stream.destroy(
          new Error(`unexpected message ${String.fromCharCode(code)} of the server`),
        );
    }
  };

  #settle(): void {
    const settled = this.#pending.shift();
    if (!settled) return;
    const { rows, rowCount, notices, error } = settled;
    // The server answers a request when it has read it to its end.
    if (this.#pending.length === 0) this.#requests.reuse();
    settled.done(error ?? { rows, rowCount, ...(notices && { notices }) });
    if (this.#pending.length === 0) this.#noteIdle();
  }

  #noteIdle(): void {
    if (this.#whenIdle.length > 0) for (const resume of this.#whenIdle.splice(0)) resume();
  }
}

/** As the driver makes it; only what is read of it. */
function errorOf(fields: ReadonlyMap<string, string>, length: number): Error {
  const error = new pg.DatabaseError(fields.get('M') ?? '', length, 'error');
  error.severity = fields.get('S');
  error.code = fields.get('C');
  error.detail = fields.get('D');
  error.hint = fields.get('H');
  error.position = fields.get('P');
  return error;
}

function noticeOf(fields: ReadonlyMap<string, string>): Notice {
  return {
    severity: fields.get('S') ?? '',
    sqlState: fields.get('C') ?? '',
    message: fields.get('M') ?? '',
    routine: fields.get('R') ?? '',
  };
}
