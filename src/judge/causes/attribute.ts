import type { JournalHeader, Ranges } from '../../contracts/evidence.ts';
import type { LockTheft } from '../../contracts/result.ts';
import { BOUNDARY_BYTES } from './boundary.ts';
import { causeOf, type CauseContext } from './cause.ts';
import type { WasDisturbed } from './disturbed.ts';
import { LostIndex } from '../../evidence/journal/lost-index.ts';
import { LostRanges, type Place, type RangeNumbers } from './lost-ranges.ts';
import { LsnOrders, type LsnOrder } from './lsn-order.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { KIND, OUTCOME } from '../../evidence/journal/format.ts';
import { readSegments } from '../../evidence/journal/reader.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import type { JournalSegments, Segment } from '../../evidence/journal/segments.ts';
import type { LostLog } from '../ledger/lost-log.ts';

/** Of one writer, by the four bytes of a seq. */
const MOST_ROWS = 2 ** 32;

export interface AttributionInput extends Omit<CauseContext, 'boundaryBytes'> {
  /** PrimaryVerdict.lost. */
  readonly lost: LostLog;
  readonly lockThefts?: readonly LockTheft[];
  /** The rows were in an unlogged table: whether a row is there now, and whether its server may have been in recovery since. */
  readonly unlogged?: {
    readonly isThere: (writer: number, seq: number) => boolean;
    readonly wasDisturbed: WasDisturbed;
  };
}

export interface Attribution {
  /** By writer and seq, split where node, timeline or cause change. */
  readonly ranges: LostRanges;
  /** Where anything acknowledged was lost. */
  readonly order: readonly LsnOrder[];
}

/**
 * For each lost write: when it was acknowledged, by which server, at which LSN, and why it is lost. Reads again what may hold
 * one, and nothing where nothing is lost.
 */
export function attributeLosses(
  journals: readonly JournalSegments[],
  input: AttributionInput,
): Attribution {
  const attributor = new Attributor(input);
  if (input.lost.size > 0) {
    for (const journal of journals) {
      readSegments(journal, (segment) => !attributor.passes(segment), attributor);
    }
  }
  return attributor.finish();
}

/** The visitor behind attributeLosses, for histories that are not in files. */
export class Attributor implements JournalVisitor {
  readonly #lost: LostIndex;
  readonly #context: CauseContext;
  readonly #ranges = new LostRanges();
  /** Last range of a writer's inserts, of its deletes, or of one row's updates. */
  readonly #open = new Map<number, number>();
  readonly #order = new LsnOrders();
  readonly #unlogged: AttributionInput['unlogged'];
  readonly #lockThefts: readonly LockTheft[];
  /** When the first insert was acknowledged whose row is there. */
  #firstThereUs = Infinity;
  #nodes: readonly string[] = [];
  /** The writers of the journal that lost anything. */
  #losers: readonly number[] = [];

  constructor({ lost, unlogged, lockThefts = [], ...context }: AttributionInput) {
    this.#lockThefts = lockThefts;
    this.#unlogged = unlogged;
    this.#lost = new LostIndex(lost);
    this.#context = { ...context, boundaryBytes: BOUNDARY_BYTES };
  }

  begin(header: JournalHeader): void {
    this.#nodes = header.nodes;
    const end = header.firstWriter + header.writers;
    this.#losers = [...this.#lost.writers()].filter((w) => header.firstWriter <= w && w < end);
  }

  /** Whether all that succeeded in this segment of the journal survived; then that is noted. */
  passes({ inserts, changes, servers }: Segment): boolean {
    // What is there, and since when, is asked of every record.
    if (this.#unlogged) return false;
    const isHit =
      this.#lost.hasRows(this.#losers, inserts[0], inserts[1], false) ||
      this.#lost.hasRows(this.#losers, changes[0], changes[1], true);
    if (isHit) return false;
    for (const { node, ...position } of servers) {
      this.#order.note(this.#nodes[node] ?? '', position, false);
    }
    return true;
  }

  record(cursor: RecordCursor): void {
    if (cursor.outcome > OUTCOME.localOnly) return;
    this.#noteThere(cursor);
    const lost = this.#lost.lostOf(cursor);
    if (cursor.outcome === OUTCOME.acknowledged) this.#observe(cursor, lost.length > 0);
    if (lost.length > 0) this.#attribute(cursor, lost);
  }

  finish(): Attribution {
    this.#ranges.decideAgain((place, ackedAtMs) => {
      if (this.#wasEmptied(place, ackedAtMs)) return 'unlogged';
      if (this.#wasStolen(place)) return 'lockTheft';
      return this.#isOwnTail(place) ? this.#asUnflushed(place, ackedAtMs) : place.cause;
    });
    return { ranges: this.#ranges, order: this.#order.withLosses() };
  }

  /** Where a fork alone would explain it: what made the fork was no failover. */
  #wasStolen({ cause, node, timeline }: Place): boolean {
    if (cause !== 'forked' && cause !== 'equalTimelineFork') return false;
    return this.#lockThefts.some((each) => each.holder === node && each.timeline === timeline);
  }

  #noteThere(cursor: RecordCursor): void {
    if (!this.#unlogged || cursor.kind !== KIND.insert) return;
    if (cursor.answeredUs >= this.#firstThereUs) return;
    if (this.#unlogged.isThere(cursor.writer, cursor.seq)) this.#firstThereUs = cursor.answeredUs;
  }

  /**
   * The end of a recovery, after a crash or by a promotion, empties an unlogged table: of what was acknowledged until then no
   * row is there. One that is, and was acknowledged before, shows that this loss has another cause; so does a server that
   * stayed the primary, and to which nothing happened.
   */
  #wasEmptied({ cause, node, timeline }: Place, [, lastMs]: readonly [number, number]): boolean {
    if (!this.#unlogged || cause === 'localOnly') return false;
    if (lastMs * 1000 >= this.#firstThereUs) return false;
    const wasPromoted = timeline !== this.#context.ancestry?.timeline;
    return wasPromoted || this.#unlogged.wasDisturbed(node, lastMs);
  }

  /**
   * A server that went down and came back on a new timeline writes at new positions. If it lacks the end, and only the end, of
   * what it acknowledged on the old one, and no other node ever led, it came back without that end.
   */
  #isOwnTail({ node, timeline, cause }: Place): boolean {
    const { ancestry, servers, boundaryBytes } = this.#context;
    if (cause !== 'unexplained' || timeline === ancestry?.timeline) return false;
    if (node !== ancestry?.node || servers.some((server) => server.node !== node)) return false;
    const order = this.#order.of(node, timeline);
    if (!order || order.lastSurvivingLsn === 0) return false;
    return order.firstLostLsn >= order.lastSurvivingLsn - boundaryBytes;
  }

  #asUnflushed({ node }: Place, ackedAtMs: readonly [number, number]): Place['cause'] {
    const { mayBeUnflushed } = this.#context;
    const may = ackedAtMs.map((atMs) => mayBeUnflushed(node ?? '', atMs * 1000));
    if (may.includes(false)) return 'unexplained';
    return may.includes(null) ? null : 'unflushed';
  }

  #attribute(cursor: RecordCursor, lost: Ranges): void {
    const { writer, timeline, lsn, kind, version } = cursor;
    const node = this.#nodes[cursor.node];
    const outcome = cursor.outcome === OUTCOME.localOnly ? 'localOnly' : 'acknowledged';
    const cause = causeOf({ outcome, node, timeline, lsn, atUs: cursor.answeredUs }, this.#context);
    const place = this.#ranges.placeNumber({
      node: node ?? null,
      timeline: timeline || null,
      cause,
    });
    const atMs = cursor.answeredUs / 1000;
    for (const [from, to] of lost) {
      this.#extend({ writer, kind, from, to, version, atMs, lsn }, place);
    }
  }

  #extend(range: RangeNumbers, place: number): void {
    const key = openKey(range);
    const last = this.#open.get(key);
    if (last !== undefined && this.#continues(last, range, place)) this.#ranges.extend(last, range);
    else this.#open.set(key, this.#ranges.add(range, place));
  }

  #continues(last: number, { kind, from }: RangeNumbers, place: number): boolean {
    if (this.#ranges.placeOf(last) !== place) return false;
    return kind === KIND.update || this.#ranges.endOf(last) + 1 === from;
  }

  /** Survivors are inserts only: an update that was lost and then overwritten looks as if it survived. */
  #observe(cursor: RecordCursor, isLost: boolean): void {
    if (!isLost && cursor.kind !== KIND.insert) return;
    this.#order.note(this.#nodes[cursor.node] ?? '', cursor, isLost);
  }
}

/** A writer has one of inserts, one of deletes, and one of each row's updates: exact below 2^53. */
function openKey({ writer, kind, from }: RangeNumbers): number {
  const row = kind === KIND.update ? from + 1 : kind === KIND.delete ? MOST_ROWS + 1 : 0;
  return writer * (MOST_ROWS + 2) + row;
}
