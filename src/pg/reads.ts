import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

type Listener = (chunk: Buffer) => void;

/** The reads of all sockets of this process, one after the other. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A socket that takes no memory for its reads: Node's own take 64 KiB for each, of which an answer needs a few hundred bytes, and
 * give the rest back to the allocator.
 */
export class FrugalSocket extends Socket {
  readonly #reads: { to: Listener };

  constructor() {
    const reads: { to: Listener } = { to: () => undefined };
    super({
      onread: {
        buffer: shared,
        callback: (length) => {
          reads.to(shared.subarray(0, length));
          return true;
        },
      },
    });
    // The driver keeps what it gets.
    reads.to = (chunk) => this.emit('data', Buffer.from(chunk));
    this.#reads = reads;
  }

  /** What is read from now on is for this listener alone; each chunk is valid during its call only. */
  readInto(listener: Listener): void {
    this.#reads.to = listener;
  }
}

/** Everything that a connection reads from now on is for this listener. Returns those that got it so far. */
export function takeReads(stream: Duplex, listener: Listener): readonly Listener[] {
  const before = stream.listeners('data') as Listener[];
  stream.removeAllListeners('data');
  // Encrypted, the stream is not the socket itself.
  if (stream instanceof FrugalSocket) stream.readInto(listener);
  else stream.on('data', listener);
  return before;
}
