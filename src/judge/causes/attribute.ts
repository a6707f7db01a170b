import { formatLsn } from '../../std/units/lsn.ts';
import type { JournalHeader, Ranges } from '../../contracts/evidence.ts';
import type { LostRange } from '../../contracts/result.ts';
import { BOUNDARY_BYTES } from './boundary.ts';
import { causeOf, type CauseContext } from './cause.ts';
import { LostIndex } from './lost-index.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import { KIND, KINDS, OUTCOME } from '../../evidence/journal/format.ts';
import { readJournal, type JournalVisitor } from '../../evidence/journal/reader.ts';
import type { LostWrites } from '../ledger/tally.ts';

export interface AttributionInput extends Omit<CauseContext, 'boundaryBytes'> {
  /** PrimaryVerdict.lost. */
  readonly lost: readonly LostWrites[];
}

/** On one server and timeline: is what was lost the end of it? 0 and Infinity where there is none. */
export interface LsnOrder {
  readonly node: string;
  readonly timeline: number;
  firstLostLsn: number;
  lastSurvivingLsn: number;
}

export interface Attribution {
  /** By writer and seq, split where node, timeline or cause change. */
  readonly ranges: readonly LostRange[];
  /** Where anything acknowledged was lost. */
  readonly order: readonly LsnOrder[];
}

/** Says of each lost write when it was acknowledged, by whom, at which LSN, and why it is gone: a second pass. */
export function attributeLosses(paths: readonly string[], input: AttributionInput): Attribution {
  if (input.lost.length === 0) return { ranges: [], order: [] };
  const attributor = new Attributor(input);
  for (const path of paths) readJournal(path, {}, attributor);
  return attributor.finish();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenRange = Mutable<LostRange> & { lsns: [number, number] };

/** The visitor behind attributeLosses, for histories that are not in files. */
export class Attributor implements JournalVisitor {
  readonly #lost: LostIndex;
  readonly #context: CauseContext;
  readonly #ranges: OpenRange[] = [];
  /** Last range of a writer's inserts, of its deletes, or of one row's updates. */
  readonly #open = new Map<string, OpenRange>();
  readonly #order = new Map<string, LsnOrder>();
  #nodes: readonly string[] = [];

  constructor({ lost, ...context }: AttributionInput) {
    this.#lost = new LostIndex(lost);
    this.#context = { ...context, boundaryBytes: BOUNDARY_BYTES };
  }

  begin(header: JournalHeader): void {
    this.#nodes = header.nodes;
  }

  record(cursor: RecordCursor): void {
    if (cursor.outcome > OUTCOME.localOnly) return;
    const lost = this.#lost.lostOf(cursor);
    if (cursor.outcome === OUTCOME.acknowledged) this.#observe(cursor, lost.length > 0);
    if (lost.length > 0) this.#attribute(cursor, lost);
  }

  finish(): Attribution {
    const ranges = this.#ranges
      .sort((a, b) => a.writer - b.writer || a.from - b.from || a.lsns[0] - b.lsns[0])
      .map(({ lsns, ...range }): LostRange => {
        const hasLsn = lsns[0] > 0 && lsns[1] > 0;
        const cause = this.#isOwnTail(range) ? this.#asUnflushed(range) : range.cause;
        return { ...range, cause, lsn: hasLsn ? [formatLsn(lsns[0]), formatLsn(lsns[1])] : null };
      });
    const order = [...this.#order.values()].filter(({ firstLostLsn }) => firstLostLsn < Infinity);
    return { ranges, order };
  }

  /**
   * A server that went down and came back on a new timeline writes at new positions. That it lacks the end, and only the
   * end, of what it acknowledged on the old one, and nobody else ever led, shows the same: it came back without it.
   */
  #isOwnTail({ node, timeline, cause }: Pick<LostRange, 'node' | 'timeline' | 'cause'>): boolean {
    const { ancestry, servers, boundaryBytes } = this.#context;
    if (cause !== 'unexplained' || timeline === ancestry?.timeline) return false;
    if (node !== ancestry?.node || servers.some((server) => server.node !== node)) return false;
    const orders = [...this.#order.values()];
    const order = orders.find((each) => each.node === node && each.timeline === timeline);
    if (!order || order.lastSurvivingLsn === 0) return false;
    return order.firstLostLsn >= order.lastSurvivingLsn - boundaryBytes;
  }

  #asUnflushed({ node, ackedAtMs }: LostRange | Omit<OpenRange, 'lsns'>): LostRange['cause'] {
    const { mayBeUnflushed } = this.#context;
    const may = ackedAtMs.map((atMs) => mayBeUnflushed(node ?? '', atMs * 1000));
    if (may.includes(false)) return 'unexplained';
    return may.includes(null) ? null : 'unflushed';
  }

  #attribute(cursor: RecordCursor, lost: Ranges): void {
    const { writer, timeline, lsn } = cursor;
    const node = this.#nodes[cursor.node];
    const outcome = cursor.outcome === OUTCOME.localOnly ? 'localOnly' : 'acknowledged';
    const cause = causeOf({ outcome, node, timeline, lsn, atUs: cursor.answeredUs }, this.#context);
    const atMs = cursor.answeredUs / 1000;
    const kind = KINDS[cursor.kind] ?? 'insert';
    for (const [from, to] of lost) {
      const fresh: OpenRange = {
        writer,
        from,
        to,
        kind,
        cause,
        node: node ?? null,
        timeline: timeline || null,
        ackedAtMs: [atMs, atMs],
        lsn: null,
        lsns: [lsn, lsn],
        ...(kind === 'update' && { versions: [cursor.version, cursor.version] }),
      };
      this.#extend(`${writer} ${kind} ${kind === 'update' ? from : ''}`, fresh);
    }
  }

  #extend(key: string, fresh: OpenRange): void {
    const last = this.#open.get(key);
    if (!last || !continues(last, fresh)) {
      this.#ranges.push(fresh);
      this.#open.set(key, fresh);
      return;
    }
    last.to = fresh.to;
    last.ackedAtMs = [last.ackedAtMs[0], fresh.ackedAtMs[1]];
    last.lsns[1] = fresh.lsns[1];
    if (last.versions && fresh.versions) last.versions = [last.versions[0], fresh.versions[1]];
  }

  /** Survivors are inserts only: an update that was lost and then overwritten looks as if it survived. */
  #observe(cursor: RecordCursor, isLost: boolean): void {
    if (!isLost && cursor.kind !== KIND.insert) return;
    const { node, timeline, lsn } = cursor;
    const key = `${timeline} ${node}`;
    let order = this.#order.get(key);
    if (!order) {
      const name = this.#nodes[node] ?? '';
      order = { node: name, timeline, firstLostLsn: Infinity, lastSurvivingLsn: 0 };
      this.#order.set(key, order);
    }
    if (isLost) order.firstLostLsn = Math.min(order.firstLostLsn, lsn);
    else order.lastSurvivingLsn = Math.max(order.lastSurvivingLsn, lsn);
  }
}

function continues(last: OpenRange, fresh: OpenRange): boolean {
  const { node, timeline, cause } = last;
  if (node !== fresh.node || timeline !== fresh.timeline || cause !== fresh.cause) return false;
  return fresh.kind === 'update' || last.to + 1 === fresh.from;
}
