import type { JournalHeader } from '../../contracts/evidence.ts';
import type { RecordBatch } from '../../evidence/journal/batch.ts';
import { leavesAt, type Ancestry } from './ancestry.ts';
import { SetbackLog, type Setback } from './wal-rewinds.ts';
import { NO_NODE, OUTCOME } from '../../evidence/journal/format.ts';
import type { JournalVisitor } from '../../evidence/journal/visitor.ts';

/** What one node acknowledged while it was on one timeline. */
export interface Server {
  readonly node: string;
  readonly timeline: number;
  operations: number;
  /** Lowest and highest insert position of an acknowledged operation. */
  leastLsn: number;
  mostLsn: number;
  /** First and last acknowledgement, microseconds since the start of the load. */
  firstUs: number;
  lastUs: number;
  /** When the last operation was sent that got a position before the fork, where the final history leaves the timeline. */
  sentBeforeForkUs?: number;
  /** When it came back without the end of its WAL, by time; absent: never looked for. */
  readonly setbacks?: readonly Setback[];
}

interface Observed extends Server {
  readonly positions: SetbackLog;
  readonly forkLsn: number | undefined;
}

/** Which servers acknowledged on which timeline: a handful of entries, collected in the ledger's own pass. */
export class ServerLog implements JournalVisitor {
  readonly #servers = new Map<string, Observed>();
  #nodes: readonly string[] = [];
  #lastNode = -1;
  #lastTimeline = -1;
  #last: Observed | undefined;
  readonly #ancestry: Ancestry | undefined;

  constructor(ancestry?: Ancestry) {
    this.#ancestry = ancestry;
  }

  begin(header: JournalHeader): void {
    this.#nodes = header.nodes;
    this.#lastNode = -1;
  }

  records(batch: RecordBatch): void {
    const { length, outcome, node: nodes, timeline: timelines, value } = batch;
    for (let index = 0; index < length; index++) {
      const lsn = value[index] ?? 0;
      if (outcome[index] !== OUTCOME.acknowledged || lsn === 0) continue;
      const node = nodes[index] ?? NO_NODE;
      const timeline = timelines[index] ?? 0;
      if (node === NO_NODE || timeline === 0) continue;
      if (node !== this.#lastNode || timeline !== this.#lastTimeline || !this.#last) {
        this.#last = this.#serverOf(this.#nodes[node] ?? `node ${node}`, timeline);
        this.#lastNode = node;
        this.#lastTimeline = timeline;
      }
      observe(this.#last, lsn, batch.sentUs[index] ?? 0, batch.answeredUs[index] ?? 0);
    }
  }

  /** By time of their first acknowledgement. */
  servers(): readonly Server[] {
    return [...this.#servers.values()]
      .sort((a, b) => a.firstUs - b.firstUs)
      .map(({ positions, forkLsn: _, ...server }) => {
        const setbacks = positions.setbacks();
        return setbacks.length === 0 ? server : { ...server, setbacks };
      });
  }

  #serverOf(node: string, timeline: number): Observed {
    const key = `${timeline} ${node}`;
    const known = this.#servers.get(key);
    if (known) return known;
    const server: Observed = {
      node,
      timeline,
      operations: 0,
      leastLsn: Infinity,
      mostLsn: 0,
      firstUs: Infinity,
      lastUs: 0,
      positions: new SetbackLog(),
      forkLsn: this.#ancestry && leavesAt(this.#ancestry, timeline),
    };
    this.#servers.set(key, server);
    return server;
  }
}

function observe(server: Observed, lsn: number, sentUs: number, answeredUs: number): void {
  server.operations++;
  if (lsn < server.leastLsn) server.leastLsn = lsn;
  if (lsn > server.mostLsn) server.mostLsn = lsn;
  if (answeredUs < server.firstUs) server.firstUs = answeredUs;
  if (answeredUs > server.lastUs) server.lastUs = answeredUs;
  if (server.forkLsn !== undefined && lsn <= server.forkLsn)
    server.sentBeforeForkUs = Math.max(server.sentBeforeForkUs ?? 0, sentUs);
  server.positions.observe(sentUs, answeredUs, lsn);
}
