import { FRAME, FRAME_HEAD_BYTES, PAYLOAD_HEAD_BYTES, NO_NODE } from '../journal/format.ts';
import { RecordBatch } from '../journal/batch.ts';
import type { FiguresFold } from './figures-fold.ts';

const HEAD_BYTES = FRAME_HEAD_BYTES + PAYLOAD_HEAD_BYTES;

/**
 * Folds one worker's journal while it arrives. It trusts the bytes: whether they are as they were sent is for the judge to
 * say, who reads the file.
 */
export class LiveFigures {
  readonly #fold: Pick<FiguresFold, 'records' | 'attempt'>;
  readonly #batch = new RecordBatch();

  constructor(fold: Pick<FiguresFold, 'records' | 'attempt'>) {
    this.#fold = fold;
  }

  /** Whole frames, as a worker's journal writes them. */
  take(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const to = at + FRAME_HEAD_BYTES + view.getUint32(at, true);
      if (to > bytes.length) return;
      const type = view.getUint32(at + FRAME_HEAD_BYTES + 4, true);
      const place = { number: 0, type, view, from: at + HEAD_BYTES, to, atByte: at };
      if (type === FRAME.data) {
        this.#batch.decode('a journal', place, NO_NODE);
        if (this.#batch.hasAttempts) {
          for (const cursor of this.#batch.attempts()) this.#fold.attempt(cursor);
        }
        this.#fold.records(this.#batch);
      }
      at = to;
    }
  }
}
