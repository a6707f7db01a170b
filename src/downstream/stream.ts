import { Socket } from 'node:net';
import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';
import type { Login, SourceNode } from '../contracts/downstream.ts';
import { tlsAttempts } from '../pg/tls.ts';
import { ClusterError } from '../std/errors.ts';
import { formatLsn, parseLsn } from '../std/units/lsn.ts';

const connectTimeoutMs = 5_000;
/** Each second the server is asked for an answer: a connection that is silent for so long is broken. */
const silentMs = 10_000;

export interface StreamOptions {
  readonly node: SourceNode;
  /** As a session was opened there just now: the library tries one way alone, where the mode allows both. */
  readonly isEncrypted: boolean;
  readonly login: Login;
  readonly slot: string;
  readonly publication: string;
  readonly fromLsn: string;
  /** Called one at a time; the stream waits for it. */
  readonly message: (message: Pgoutput.Message) => Promise<void>;
}

/** Logical decoding of one slot, until it breaks. Made anew for each attempt: the library goes on from what it last received. */
export class ChangeStream {
  /** Rejects with what broke it; resolves when it was closed. */
  readonly ended: Promise<void>;
  readonly #service: LogicalReplicationService;
  readonly #broken = Promise.withResolvers<never>();
  readonly #socket = new Socket();
  #heardMs = performance.now();
  #isBusy = false;
  #isClosed = false;

  constructor({ node, isEncrypted, login, slot, publication, fromLsn, message }: StreamOptions) {
    const { host, port } = node;
    const attempts = tlsAttempts(node);
    // A mode that demands TLS has one way, whatever a server behind a proxy says of its own connection.
    const ssl = attempts.find((each) => (each !== false) === isEncrypted) ?? attempts[0] ?? false;
    const { user, database, password = '' } = login;
    const connection = {
      host,
      port,
      user,
      database,
      password,
      ssl,
      ...(ssl !== false && { sslnegotiation: node.tls?.negotiation ?? 'postgres' }),
      stream: () => this.#socket,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'forkpoint cdc',
    };
    // Its own timer would confirm what was received last, whatever became of it.
    const acknowledge = { auto: false, timeoutSeconds: 0 };
    this.#service = new LogicalReplicationService(connection, {
      acknowledge,
      flowControl: { enabled: true },
    });
    this.#broken.promise.catch(() => undefined);
    this.#service.on('error', (error) => this.#break(error));
    this.#service.on('heartbeat', () => this.#heard());
    this.#service.on('data', async (_lsn, given: Pgoutput.Message) => {
      this.#isBusy = true;
      try {
        await message(given);
      } finally {
        this.#isBusy = false;
        this.#heard();
      }
    });
    const plugin = new PgoutputPlugin({
      protoVersion: 1,
      publicationNames: [publication],
      messages: true,
    });
    const subscribed = this.#service.subscribe(plugin, slot, fromLsn).then(() => {
      if (!this.#isClosed) throw new ClusterError(`${node.name}: the server ended the stream`);
    });
    this.ended = Promise.race([subscribed, this.#broken.promise]);
    this.ended.catch(() => undefined);
  }

  /** Tells the server what the sink has committed, and asks for an answer. */
  async confirm(lsn: string): Promise<void> {
    // The library adds 1 to what it is given. One byte too far is enough to lose a transaction: the next commit record may begin
    // at `lsn`, and the server skips what begins before the confirmed position. (PostgreSQL, snapbuild.c, SnapBuildXactNeedsSkip)
    await this.#service.acknowledge(formatLsn(parseLsn(lsn) - 1n), true);
    if (!this.#isBusy && performance.now() - this.#heardMs > silentMs) {
      this.#break(new ClusterError(`no answer for ${silentMs / 1000} s`));
    }
  }

  /** Ends it at once: a server that cannot be reached does not answer a farewell. */
  close(): void {
    this.#isClosed = true;
    this.#break(new ClusterError('the stream was closed'));
    this.#socket.destroy();
    void this.#service.destroy().catch(() => undefined);
  }

  #heard(): void {
    this.#heardMs = performance.now();
  }

  #break(error: unknown): void {
    this.#broken.reject(error instanceof Error ? error : new ClusterError(String(error)));
  }
}
