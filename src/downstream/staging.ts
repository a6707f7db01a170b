import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
} from 'node:fs';
import path from 'node:path';
import { type Batch, isSamePosition, type Position } from './change.ts';

/** Batches that the sink has not committed yet, on disk: they survive the consumer's death, and are delivered by the next one. */
export class Staging {
  readonly #file: number;
  #bytes: number;

  constructor(folder: string) {
    this.#file = openSync(path.join(folder, 'staging.jsonl'), 'a+');
    this.#bytes = fstatSync(this.#file).size;
  }

  /** Of its file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** On disk when it returns. */
  add(batch: Batch): void {
    const line = Buffer.from(`${JSON.stringify(batch)}\n`);
    appendFileSync(this.#file, line);
    fsyncSync(this.#file);
    this.#bytes += line.length;
  }

  /** The sink has them all. */
  clear(): void {
    ftruncateSync(this.#file);
    this.#bytes = 0;
  }

  /** Those that follow the sink's position without a gap. A line cut by a kill, and what no longer fits, is sent by the slot again. */
  recover(folder: string, from: Position): readonly Batch[] {
    const found: Batch[] = [];
    let at = from;
    for (const line of readFileSync(path.join(folder, 'staging.jsonl'), 'utf8').split('\n')) {
      const batch = parsed(line);
      if (!batch || !isSamePosition(batch.after, at)) continue;
      found.push(batch);
      at = batch.to;
    }
    return found;
  }

  close(): void {
    closeSync(this.#file);
  }
}

function parsed(line: string): Batch | undefined {
  try {
    return JSON.parse(line) as Batch;
  } catch {
    return undefined;
  }
}
