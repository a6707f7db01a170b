import type { Batch, Position } from './change.ts';

export interface Progress {
  /** Batches committed so far. */
  readonly batch: number;
  readonly position: Position;
}

/** Where batches go. A batch is there whole and with its position, or not at all. */
export interface Sink {
  /** Prepares it where it is new: then the first consumer begins at `first`. Errors: as `isDefinite` tells them apart. */
  progress(first: Position): Promise<Progress>;
  /** As it is now. Errors: as `progress`. */
  look(): Promise<Progress>;
  /**
   * Commits a batch with its position, once: one that an attempt without an answer has committed is left as it is.
   * Errors: Overtaken; others as `progress`.
   */
  write(number: number, batch: Batch): Promise<void>;
  /** Resolves when another process can have it. */
  close(): Promise<void>;
}

/** Another process of the consumer has written to the sink. */
export class Overtaken extends Error {
  readonly progress: Progress;

  constructor(progress: Progress, next: number) {
    super(
      `another process of this consumer brought the sink to batch ${progress.batch}, and ${next} was next`,
    );
    this.name = 'Overtaken';
    this.progress = progress;
  }
}

/** The sink cannot take anything now, and may later. */
export class SinkBusy extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SinkBusy';
  }
}
