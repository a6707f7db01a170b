import { writev } from 'node:fs';
import { promisify } from 'node:util';
import type { JournalSink } from '../evidence/journal/sink.ts';
import { controlFrame, frameHead, frameType } from './frames.ts';

const writevAsync = promisify(writev);

/**
 * A worker's side of the protocol: frames on a file descriptor, in order. Written by the thread pool: a supervisor that
 * reads slowly must not delay the connections.
 */
export class FrameOutput {
  readonly #fd: number;
  #written: Promise<void> = Promise.resolve();

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Resolves when the message is written. Rejects when the reader has gone. */
  tell(message: unknown): Promise<void> {
    return this.#queue([controlFrame(message)]);
  }

  /** Where the bytes of one kind go. */
  sink(kind: 'journal' | 'observations'): JournalSink {
    return {
      name: kind,
      write: (bytes) => this.#queue([frameHead(frameType[kind], bytes.length), bytes]),
      close: () => this.#written,
    };
  }

  #queue(parts: readonly Buffer[]): Promise<void> {
    this.#written = this.#written.then(() => this.#write(parts));
    // The caller that waits for this frame gets the rejection; so does the next one.
    this.#written.catch(() => undefined);
    return this.#written;
  }

  async #write(parts: readonly Buffer[]): Promise<void> {
    let rest = [...parts];
    while (rest.length > 0) rest = without(rest, (await writevAsync(this.#fd, rest)).bytesWritten);
  }
}

/** The rest of the parts after the first `count` bytes. */
function without(parts: readonly Buffer[], count: number): Buffer[] {
  let gone = count;
  return parts.flatMap((part) => {
    const taken = Math.min(gone, part.length);
    gone -= taken;
    return taken === part.length ? [] : [part.subarray(taken)];
  });
}
