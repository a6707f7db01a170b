import {
  appendFileSync,
  closeSync,
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

  constructor(folder: string) {
    this.#file = openSync(path.join(folder, 'staging.jsonl'), 'a+');
  }

  /** On disk when it returns. */
  add(batch: Batch): void {
    appendFileSync(this.#file, `${JSON.stringify(batch)}\n`);
    fsyncSync(this.#file);
  }

  /** The sink has them all. */
  clear(): void {
    ftruncateSync(this.#file);
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
