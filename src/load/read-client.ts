import { setTimeout as sleep } from 'node:timers/promises';
import type { Bytes } from '../pg/session.ts';
import type { ClientReads } from './client-reads.ts';
import type { ClientTools } from './client-tools.ts';

/** After a read that found no node, or was refused: as after a refused write. */
const refusalPauseMs = 20;

/** A client that only reads, on connections of its own: no primary is needed for it to go on. */
export class ReadClient {
  /** Of its writer, which writes nothing. */
  readonly number: number;
  readonly isBackingOff = false;
  /** A read that is under way at the end of the load is given up. */
  readonly isBusy = false;
  readonly #reads: ClientReads;
  #isReading = false;

  constructor(number: number, reads: ClientReads) {
    this.number = number;
    this.#reads = reads;
  }

  get isConnected(): boolean {
    return this.#reads.isConnected;
  }

  get bytes(): Bytes {
    return this.#reads.bytes;
  }

  get inFlight(): number {
    return this.#isReading ? 1 : 0;
  }

  /** It connects to a node when it reads it. */
  connect(): Promise<void> {
    return Promise.resolve();
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  async run({ think, gate, clock }: ClientTools): Promise<void> {
    for (;;) {
      await think?.();
      const turn = await gate.turn();
      if (turn === undefined) return;
      this.#isReading = true;
      const how = await this.#reads.read(clock, turn);
      this.#isReading = false;
      gate.settled(turn);
      if (how !== 'answered') await sleep(refusalPauseMs);
    }
  }

  /** Each of its questions has a deadline of its own. */
  expire(): void {
    // Nothing is in progress on a connection of a writer.
  }

  disconnect(): void {
    this.#reads.disconnect();
  }
}
