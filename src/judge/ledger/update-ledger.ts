import type { Outcome } from '../../contracts/evidence.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { OUTCOMES } from '../../evidence/journal/format.ts';
import { ImpossibleRecord } from '../../evidence/journal/impossible-record.ts';

/** An update that was not plainly acknowledged. */
export interface Unacknowledged {
  readonly version: number;
  readonly outcome: Exclude<Outcome, 'acknowledged'>;
}

/** The chain of one row: versions 1..attempted, all acknowledged but those listed, which ascend. */
export interface VersionChain {
  readonly seq: number;
  readonly attempted: number;
  readonly unacknowledged: readonly Unacknowledged[];
}

/** What a row's version may be, as far as the client knows. */
export interface ExpectedVersion {
  /** Not below the last success the client was told of; 0 when there was none. */
  readonly least: number;
  /** Not above the last attempt that may have been stored. */
  readonly most: number;
}

/**
 * One writer's updates. Two maps: a number per updated row, and a list only for rows with an update that failed or whose
 * outcome is unknown.
 */
export class UpdateLedger {
  readonly #attempted = new Map<number, number>();
  readonly #unacknowledged = new Map<number, Unacknowledged[]>();

  get rows(): number {
    return this.#attempted.size;
  }

  apply(cursor: RecordCursor): void {
    const version = cursor.version;
    const outcome = OUTCOMES[cursor.outcome] ?? 'indeterminate';
    const end = cursor.seq + cursor.count;
    for (let seq = cursor.seq; seq < end; seq++) {
      const last = this.#attempted.get(seq) ?? 0;
      if (version !== last + 1) {
        const what = `writer ${cursor.writer} updates seq ${seq} to version ${version} after ${last}`;
        throw new ImpossibleRecord(cursor, what);
      }
      this.#attempted.set(seq, version);
      if (outcome === 'acknowledged') continue;
      const list = this.#unacknowledged.get(seq);
      if (list) list.push({ version, outcome });
      else this.#unacknowledged.set(seq, [{ version, outcome }]);
    }
  }

  chain(seq: number): VersionChain | undefined {
    const attempted = this.#attempted.get(seq);
    if (attempted === undefined) return undefined;
    return { seq, attempted, unacknowledged: this.#unacknowledged.get(seq) ?? [] };
  }

  /** In the order of their first update. */
  *chains(): Generator<VersionChain> {
    for (const [seq, attempted] of this.#attempted) {
      yield { seq, attempted, unacknowledged: this.#unacknowledged.get(seq) ?? [] };
    }
  }
}

/** Versions of a row that was never updated: 0 and 0. */
export function expectedVersionOf(chain: VersionChain | undefined): ExpectedVersion {
  if (!chain) return { least: 0, most: 0 };
  let least = chain.attempted;
  let most = chain.attempted;
  // From the newest attempt down: a failed one is neither; an indeterminate one may be the newest stored.
  let hasMost = false;
  for (const { version, outcome } of chain.unacknowledged.toReversed()) {
    if (version !== least) break;
    if (outcome === 'localOnly') break;
    if (outcome === 'indeterminate') hasMost = true;
    least--;
    if (!hasMost) most = least;
  }
  return { least, most };
}
