import type { JournalSink } from '../evidence/journal/sink.ts';

/** Bytes that may be queued before the worker is asked to wait. */
const highWaterBytes = 4 * 1024 * 1024;

/** A worker's journal on the supervisor's side: its bytes in order of arrival. */
export class JournalFile {
  readonly #sink: JournalSink;
  readonly #onFailure: (error: unknown) => void;
  #written: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  #hasFailed = false;

  /** `onFailure` is called once, when writing fails. */
  constructor(sink: JournalSink, onFailure: (error: unknown) => void) {
    this.#sink = sink;
    this.#onFailure = onFailure;
  }

  get isFull(): boolean {
    return this.#waitingBytes > highWaterBytes;
  }

  append(bytes: Buffer): void {
    this.#waitingBytes += bytes.length;
    this.#written = this.#written.then(async () => {
      try {
        // After a gap the rest could not be read.
        if (!this.#hasFailed) await this.#sink.write(bytes);
      } catch (error) {
        this.#hasFailed = true;
        this.#onFailure(error);
      } finally {
        this.#waitingBytes -= bytes.length;
      }
    });
  }

  /** Resolves when everything appended so far has been handed to the kernel. */
  drained(): Promise<void> {
    return this.#written;
  }

  async close(): Promise<void> {
    await this.#written;
    await this.#sink.close();
  }
}
