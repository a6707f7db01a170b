import { Readable, Writable } from 'node:stream';
import type { Channel } from '../../src/contracts/shell.ts';
import { controlFrame } from '../../src/load/frames.ts';
import { type FromWorker, noStats } from '../../src/load/protocol.ts';

const bytesPerRead = 64 * 1024;

/** Says what a worker says: up, ready, its journal, done. */
export class SyntheticPod {
  readonly #bytes: Buffer;
  readonly #stdout: Readable;
  #at = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#stdout = new Readable({ read: () => this.#more() });
    this.#tell({ type: 'up', kernel: '' });
    this.#tell({ type: 'ready' });
  }

  begin(): void {
    this.#at = 0;
    this.#more();
  }

  channel(): Channel {
    const ended = Promise.withResolvers<Awaited<Channel['ended']>>();
    this.#stdout.once('close', () =>
      ended.resolve({ outcome: 'exited', how: 'exit code 0', stderr: '' }),
    );
    const stdin = new Writable({ write: (_chunk, _encoding, done) => done() });
    return {
      stdin,
      stdout: this.#stdout,
      ended: ended.promise,
      kill: () => void this.#stdout.destroy(),
    };
  }

  #more(): void {
    if (this.#at < 0 || this.#at > this.#bytes.length) return;
    const part = this.#bytes.subarray(this.#at, this.#at + bytesPerRead);
    this.#at += bytesPerRead;
    if (part.length > 0) this.#stdout.push(part);
    if (this.#at < this.#bytes.length) return;
    this.#at = Infinity;
    this.#tell({ type: 'done', stats: noStats });
    this.#stdout.push(null);
  }

  #tell(message: FromWorker): void {
    this.#stdout.push(controlFrame(message));
  }
}
