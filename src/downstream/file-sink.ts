import { createHash } from 'node:crypto';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { messageOf } from '../std/errors.ts';
import { type Batch, isSamePosition, type Position } from './change.ts';
import { Overtaken, SinkBusy, type Progress, type Sink } from './sink.ts';
import { linesOfBatch, readSinkFile, type FiledBatch } from './sink-file.ts';

/** Space may come back. */
const isFull = new Set<string | undefined>(['ENOSPC', 'EDQUOT']);

interface Open {
  readonly lock: Server;
  readonly file: FileHandle;
  progress: Progress;
  /** Of what is committed, in bytes. */
  size: number;
}

/** A file of JSON lines. One process at a time has it; the next cuts off what the last one did not finish. Linux alone. */
export class FileSink implements Sink {
  readonly #path: string;
  #open: Open | undefined;

  constructor(file: string) {
    this.#path = file;
  }

  async progress(first: Position): Promise<Progress> {
    const open = (this.#open ??= await this.#take());
    if (open.size === 0) await this.#append(open, { number: 0, changes: [], to: first });
    return open.progress;
  }

  look(): Promise<Progress> {
    return Promise.resolve(this.#opened().progress);
  }

  async write(number: number, { changes, to }: Batch): Promise<void> {
    const open = this.#opened();
    const { progress } = open;
    if (progress.batch === number && isSamePosition(progress.position, to)) return;
    if (progress.batch !== number - 1) throw new Overtaken(progress, number);
    await this.#append(open, { number, changes, to });
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open) await release(open);
  }

  #opened(): Open {
    if (!this.#open) throw new Error(`${this.#path}: its progress was not read yet`);
    return this.#open;
  }

  async #take(): Promise<Open> {
    const lock = await lockOf(this.#path);
    let file: FileHandle | undefined;
    try {
      file = await openFile(this.#path, 'a+');
      await flushFolder(path.dirname(this.#path));
      const content = await file.readFile();
      const { batches, end } = readSinkFile(content);
      if (content.length > end) {
        await file.truncate(end);
        await file.sync();
      }
      const last = batches.at(-1);
      const none: Position = { lsn: '0/0', timeline: 0, inside: null };
      const progress = { batch: last?.number ?? 0, position: last?.to ?? none };
      return { lock, file, progress, size: end };
    } catch (cause) {
      await release({ file, lock });
      throw new Error(`${this.#path}: ${messageOf(cause)}`, { cause });
    }
  }

  /** On disk when it returns. What an append in vain has left is cut off. */
  async #append(open: Open, batch: FiledBatch): Promise<void> {
    const bytes = Buffer.from(linesOfBatch(batch));
    try {
      await open.file.appendFile(bytes);
    } catch (cause) {
      await open.file.truncate(open.size);
      if (!isFull.has((cause as NodeJS.ErrnoException).code)) throw cause;
      throw new SinkBusy(`${this.#path}: ${messageOf(cause)}`, { cause });
    }
    // What a failed fsync leaves on disk is not known: it ends the consumer. (PostgreSQL does the same: data_sync_retry)
    await open.file.sync();
    open.size += bytes.length;
    open.progress = { batch: batch.number, position: batch.to };
  }
}

/** An abstract socket: the kernel takes it back when its process ends, however that ends. Errors: SinkBusy. */
async function lockOf(file: string): Promise<Server> {
  const name = createHash('sha256').update(path.resolve(file)).digest('hex').slice(0, 32);
  const server = createServer();
  server.unref();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen({ path: `\0forkpoint-sink-${name}` }, () => resolve(undefined));
  try {
    await promise;
    return server;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new SinkBusy(`${file}: another process of this consumer has it`, { cause });
  }
}

/** In this order: who has the lock is the only one that has the file. */
async function release({
  file,
  lock,
}: {
  readonly file: FileHandle | undefined;
  readonly lock: Server;
}): Promise<void> {
  try {
    await file?.close();
  } finally {
    lock.close();
  }
}

/** A file that was just made is in its folder after a power cut, too. */
async function flushFolder(folder: string): Promise<void> {
  await using opened = await openFile(folder, 'r');
  await opened.sync();
}
