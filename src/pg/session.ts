import type { Statement } from '../contracts/workload.ts';

export interface QueryOptions {
  readonly timeoutMs?: number;
}

/** The result of a statement. int8 and numeric are text, as the driver leaves them. */
export interface Answer<T> {
  readonly rows: readonly T[];
  /** Rows touched or returned, as the command tag counts them; 0 where the tag counts none. */
  readonly rowCount: number;
  /** Of a prepared statement: what the server said meanwhile, its commit included; absent where it said nothing. */
  readonly notices?: readonly Notice[];
}

export interface Notice {
  readonly severity: string;
  readonly sqlState: string;
  readonly message: string;
  /** C function of the server that raised it: the same for every lc_messages. */
  readonly routine: string;
}

export interface Bytes {
  readonly sent: number;
  readonly received: number;
}

/** One connection to one server. A broken connection rejects the next query, never throws asynchronously. */
export interface Session extends AsyncDisposable {
  /** False once the socket is gone, even between queries. */
  readonly isOpen: boolean;
  /** Why, as the server or the network said, between queries too. Undefined: it is open, or we ended it. */
  readonly ended?: SqlError | undefined;
  /** Of its socket until now, the protocol's own bytes with it; with TLS as they are encrypted. */
  readonly bytes: Bytes;
  rows<T>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<T[]>;
  query<T = Record<string, unknown>>(
    statement: Statement,
    options?: QueryOptions,
  ): Promise<Answer<T>>;
  /**
   * Sends a statement that has a name, also while others are on their way: each is a transaction of its own. `done` gets each
   * outcome in the order of the sending, before the next one is looked at.
   */
  submit<T>(statement: Statement, done: (answer: Answer<T> | SqlError) => void): void;
  /** Has a statement that has a name ready for `submit` and `query`. Errors: SqlError. */
  prepare(statement: Statement): Promise<void>;
  /** Of statements without a name; those of prepared ones come with their answers. */
  onNotice(listener: (notice: Notice) => void): void;
  /** Destroys the socket at once, without a message to the server. A query in progress fails. */
  destroy(): void;
}

/** An error of the database or of the network. `sqlState` is '' when it is not from a server. */
export class SqlError extends Error {
  readonly sqlState: string;
  /** The server's severity, in its language; '' when it is not from a server. */
  readonly severity: string;
  /** False: the connection was never established, so no statement of the caller was sent. */
  readonly wasConnected: boolean;
  /** False: not even a TCP connection was established. */
  readonly wasReached: boolean;
  /** The character of the statement at which the server sees the error, from 1; undefined where it names none. */
  readonly position: number | undefined;

  constructor(
    message: string,
    facts: {
      sqlState: string;
      severity: string;
      wasConnected: boolean;
      wasReached?: boolean;
      position?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.name = 'SqlError';
    this.sqlState = facts.sqlState;
    this.severity = facts.severity;
    this.wasConnected = facts.wasConnected;
    this.wasReached = facts.wasReached ?? facts.wasConnected;
    this.position = facts.position;
  }
}
