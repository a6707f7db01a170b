import { writev } from 'node:fs';
import { promisify } from 'node:util';
import type { JournalSink } from '../evidence/journal/sink.ts';
import { controlFrame, frameHead, frameType } from './frames.ts';

const writevAsync = promisify(writev);

/**
 * A worker's side of the protocol: frames on a file descriptor, in the order they were given. Written by the thread pool:
 * a supervisor that is slow to read must not hold up the connections.
 */
export class FrameOutput {
  readonly #fd: number;
  #written: Promise<void> = Promise.resolve();

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Resolves when the message was handed over. Rejects when nobody reads any more. */
  tell(message: unknown): Promise<void> {
    return this.#queue([controlFrame(message)]);
  }

  journal(): JournalSink {
    return {
      name: 'journal',
      write: (bytes) => this.#queue([frameHead(frameType.journal, bytes.length), bytes]),
      close: () => this.#written,
    };
  }

  #queue(parts: readonly Buffer[]): Promise<void> {
    this.#written = this.#written.then(() => this.#write(parts));
    // The one who waits for this frame sees the rejection; the next one too.
    this.#written.catch(() => undefined);
    return this.#written;
  }

  async #write(parts: readonly Buffer[]): Promise<void> {
    let rest = [...parts];
    while (rest.length > 0) rest = without(rest, (await writevAsync(this.#fd, rest)).bytesWritten);
  }
}

/** What is left of the parts once so many bytes are gone. */
function without(parts: readonly Buffer[], bytes: number): Buffer[] {
  let gone = bytes;
  return parts.flatMap((part) => {
    const taken = Math.min(gone, part.length);
    gone -= taken;
    return taken === part.length ? [] : [part.subarray(taken)];
  });
}
