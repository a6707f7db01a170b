import type { JournalSink } from '../journal/sink.ts';
import type { KeptLine } from './format.ts';

const flushBytes = 64 * 1024;
const flushEveryMs = 100;
const full = Buffer.from(`${JSON.stringify({ full: true })}\n`);

/** A worker's observations and heartbeats, written in batches, up to its share of the size of all. */
export class ObservationLines {
  readonly #sink: JournalSink;
  readonly #mostBytes: number;
  readonly #timer: NodeJS.Timeout;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #isFull = false;
  #written: Promise<void> = Promise.resolve();

  constructor(sink: JournalSink, runId: string, shareBytes: number) {
    this.#sink = sink;
    this.#mostBytes = shareBytes;
    this.#timer = setInterval(() => void this.flush().catch(() => undefined), flushEveryMs);
    this.#timer.unref();
    this.#keep(Buffer.from(`${JSON.stringify({ schemaVersion: 1, runId })}\n`));
  }

  /** Its share is used up: nothing more is kept. */
  get isFull(): boolean {
    return this.#isFull;
  }

  add(line: KeptLine): void {
    if (this.#isFull) return;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    this.#isFull = this.#bytes + bytes.length + full.length > this.#mostBytes;
    this.#keep(this.#isFull ? full : bytes);
    if (this.#waitingBytes >= flushBytes) void this.flush().catch(() => undefined);
  }

  /** Resolves when everything added so far was handed over. */
  flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (batch.length > 0) {
      this.#written = this.#written.then(() => this.#sink.write(Buffer.concat(batch)));
    }
    return this.#written;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.#sink.close();
  }

  #keep(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#bytes += bytes.length;
  }
}
