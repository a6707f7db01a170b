import type { JournalHeader } from '../../contracts/evidence.ts';
import type { RecordCursor } from '../../evidence/journal/cursor.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { NO_NODE, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';
import { Availability } from '../availability/availability.ts';
import type { RoutedWriters } from '../../scenario/words/routes.ts';

/** What one server acknowledged to the clients of one route. */
export interface RouteSightings {
  readonly node: string | null;
  readonly timeline: number;
  acknowledged: number;
  firstUs: number;
  lastUs: number;
  /** Acknowledged writes by the tenth of a second in which they were sent. */
  readonly sent: Map<number, number>;
}

export const binUs = 100_000;

/** One route's operations, collected in the ledger's own pass. */
export class RouteTally {
  readonly route: RoutedWriters;
  readonly availability = new Availability();
  /** Writes by OUTCOME's numbers. */
  readonly writes = [0, 0, 0, 0];
  readonly servers = new Map<string, RouteSightings>();

  constructor(route: RoutedWriters) {
    this.route = route;
  }

  note(batch: RecordBatch, index: number, nodes: readonly string[]): void {
    const outcome = batch.outcome[index] ?? OUTCOME.indeterminate;
    const count = batch.count[index] ?? 0;
    this.availability.note(batch, index);
    this.writes[outcome] = (this.writes[outcome] ?? 0) + count;
    if (outcome !== OUTCOME.acknowledged) return;
    const node = batch.node[index] ?? NO_NODE;
    const name = node === NO_NODE ? null : (nodes[node] ?? null);
    const server = this.#serverOf(name, batch.timeline[index] ?? 0);
    const [sentUs, answeredUs] = [batch.sentUs[index] ?? 0, batch.answeredUs[index] ?? 0];
    server.acknowledged += count;
    server.firstUs = Math.min(server.firstUs, answeredUs);
    server.lastUs = Math.max(server.lastUs, answeredUs);
    const bin = Math.floor(sentUs / binUs);
    server.sent.set(bin, (server.sent.get(bin) ?? 0) + count);
  }

  #serverOf(node: string | null, timeline: number): RouteSightings {
    const key = `${timeline} ${node ?? ''}`;
    const known = this.servers.get(key);
    if (known) return known;
    const [firstUs, lastUs] = [Infinity, 0];
    const made = { node, timeline, acknowledged: 0, firstUs, lastUs, sent: new Map() };
    this.servers.set(key, made);
    return made;
  }
}

/** Deals the operations of all journals out to their routes: a writer's route is in the plan. */
export class RouteLog implements JournalVisitor {
  readonly tallies: readonly RouteTally[];
  readonly #ofWriter: readonly RouteTally[];
  #nodes: readonly string[] = [];

  constructor(routes: readonly RoutedWriters[]) {
    this.tallies = routes.map((route) => new RouteTally(route));
    this.#ofWriter = this.tallies.flatMap((tally) =>
      Array.from({ length: tally.route.clients }, () => tally),
    );
  }

  begin(header: JournalHeader): void {
    this.#nodes = header.nodes;
  }

  attempt(cursor: RecordCursor): void {
    this.#ofWriter[cursor.writer]?.availability.attempt(cursor);
  }

  records(batch: RecordBatch): void {
    for (let index = 0; index < batch.length; index++) {
      this.#ofWriter[batch.writer[index] ?? -1]?.note(batch, index, this.#nodes);
    }
  }
}
