import type { PoolSpec } from '../contracts/route.ts';
import { isSyncWaitCanceled } from '../pg/outcome.ts';
import type { Bytes, Session } from '../pg/session.ts';
import type { Connector } from '../routes/connector.ts';
import { addBytes, noBytes } from './bytes.ts';

/**
 * One client's connection, which is replaced when it is over: what is in progress on one has its outcome before anything is sent
 * on another.
 */
export class ClientConnection {
  /** Index of the node that it leads to; undefined: unknown. */
  member: number | undefined;
  /** Set by a notice between the statements of a transaction; whoever waits for one clears it. */
  wasSyncWaitCanceled = false;
  readonly #route: { readonly connector: Connector; readonly pool: PoolSpec };
  #session: Session | undefined;
  /** Of the connections before. */
  #pastBytes = noBytes;
  #openedMs = 0;
  #connecting: Promise<void> | undefined;
  /** Gets no more operations, and ends when those in progress have their outcome. */
  #isRetired = false;
  /** When each operation in progress is given up, in the order of the sending. */
  readonly #expiriesUs: number[] = [];
  #whenDrained: (() => void)[] = [];

  constructor(route: { readonly connector: Connector; readonly pool: PoolSpec }) {
    this.#route = route;
  }

  get isOpen(): boolean {
    return this.#session?.isOpen === true;
  }

  /** Over all its connections. */
  get bytes(): Bytes {
    return this.#session ? addBytes(this.#pastBytes, this.#session.bytes) : this.#pastBytes;
  }

  /** Operations in progress. */
  get inFlight(): number {
    return this.#expiriesUs.length;
  }

  /** When the oldest operation in progress is given up. */
  get expiresUs(): number {
    return this.#expiriesUs[0] ?? Infinity;
  }

  /** The session for the next operation; undefined: none before `untilUsable`. */
  get usable(): Session | undefined {
    return this.#isRetired || this.#session?.isOpen !== true ? undefined : this.#session;
  }

  /** Resolves when its route has given a connection. Not being able to connect is not an attempt. */
  async connect(): Promise<void> {
    const { session, member } = await this.#route.connector.connect();
    session.onNotice((notice) => {
      if (isSyncWaitCanceled(notice)) this.wasSyncWaitCanceled = true;
    });
    this.#pastBytes = this.bytes;
    this.#session = session;
    this.member = member;
    this.#openedMs = performance.now();
    this.#isRetired = false;
  }

  async untilUsable(): Promise<void> {
    while (!this.usable) {
      if (this.inFlight > 0) {
        await new Promise<void>((resolve) => this.#whenDrained.push(resolve));
      } else {
        this.#connecting ??= this.connect().finally(() => {
          this.#connecting = undefined;
        });
        await this.#connecting;
      }
    }
  }

  begin(expiresUs: number): void {
    this.#expiriesUs.push(expiresUs);
  }

  /** The oldest operation in progress has its outcome. */
  settled(): void {
    this.#expiriesUs.shift();
    if (this.inFlight > 0 || this.#whenDrained.length === 0) return;
    for (const resume of this.#whenDrained.splice(0)) resume();
  }

  expire(nowUs: number): void {
    if (nowUs >= this.expiresUs) this.destroy();
  }

  destroy(): void {
    this.#session?.destroy();
  }

  /** As its pool says: an old one is closed in order before the next write. */
  retireIfOld(): void {
    const { maxLifetimeMs = Infinity } = this.#route.pool;
    const session = this.usable;
    if (!session || performance.now() - this.#openedMs < maxLifetimeMs) return;
    this.#retire(session, () => void session[Symbol.asyncDispose]());
  }

  /** It is not to be trusted any more, and neither is its node. */
  giveUp(session: Session): void {
    this.#route.connector.distrust(this.member);
    this.#retire(session, () => session.destroy());
  }

  #retire(session: Session, end: () => void): void {
    if (session === this.#session) this.#isRetired = true;
    if (this.inFlight > 0) this.#whenDrained.push(end);
    else end();
  }
}
