import type { JournalHeader } from '../../contracts/evidence.ts';
import { Column } from '../../std/column.ts';
import type { RecordBatch } from './batch.ts';
import { KIND, OUTCOME } from './format.ts';
import type { Stretch } from './frames.ts';
import type { JournalVisitor } from './visitor.ts';

/** Two full frames: a lost row costs reading this much again, and 4 GB of journals are 30,000 of these. */
const SEGMENT_BYTES = 128 * 1024;

/** The highest position of an insert that one server acknowledged within a segment. */
export interface SegmentServer {
  /** Index into the header's nodes; NO_NODE when there was no connection. */
  readonly node: number;
  readonly timeline: number;
  lsn: number;
}

/** What some successive frames hold: the least and the highest seq of what succeeded, of all writers together. */
export interface Segment {
  /** The highest is below the least where there is none. */
  readonly inserts: readonly [least: number, most: number];
  /** Updates and deletes. */
  readonly changes: readonly [least: number, most: number];
  readonly servers: readonly SegmentServer[];
}

/** What stands where in one journal, in 50 bytes a segment. */
export class JournalSegments {
  readonly path: string;
  readonly header: JournalHeader;
  readonly #atByte = Column.doubles();
  readonly #frame = Column.words();
  /** Least and most of inserts, then of changes. */
  readonly #seqs = [Column.doubles(), Column.doubles(), Column.doubles(), Column.doubles()];
  /** Of the servers below, those before the end of each segment. */
  readonly #servers = Column.words();
  readonly #node = Column.bytes();
  readonly #timeline = Column.words();
  readonly #lsn = Column.doubles();
  #endByte = 0;
  /** Of the segment that is still being filled. */
  #open: { seqs: Float64Array; servers: SegmentServer[] } | undefined;

  constructor(path: string, header: JournalHeader) {
    this.path = path;
    this.header = header;
  }

  add(batch: RecordBatch): void {
    if (!this.#open) {
      this.#atByte.push(batch.atByte);
      this.#frame.push(batch.frameNumber);
      this.#open = { seqs: Float64Array.of(Infinity, -1, Infinity, -1), servers: [] };
    }
    noteSeqs(this.#open.seqs, batch);
    noteServers(this.#open.servers, batch);
    this.#endByte = batch.endByte;
    const atByte = this.#atByte.at(this.#atByte.length - 1);
    if (this.#endByte - atByte >= SEGMENT_BYTES) this.#close();
  }

  #close(): void {
    if (!this.#open) return;
    this.#open.seqs.forEach((seq, field) => this.#seqs[field]?.push(seq));
    for (const { node, timeline, lsn } of this.#open.servers) {
      this.#node.push(node);
      this.#timeline.push(timeline);
      this.#lsn.push(lsn);
    }
    this.#servers.push(this.#node.length);
    this.#open = undefined;
  }

  /** Where the needed segments stand, neighbours as one. Each is asked for once, in order. */
  *needed(isNeeded: (segment: Segment) => boolean): Generator<Stretch> {
    this.#close();
    let from: number | undefined;
    for (let at = 0; at <= this.#servers.length; at++) {
      const isIn = at < this.#servers.length && isNeeded(this.#segment(at));
      if (isIn) from ??= at;
      else if (from !== undefined) {
        yield { atByte: this.#atByte.at(from), frame: this.#frame.at(from), endByte: this.#at(at) };
        from = undefined;
      }
    }
  }

  #at(segment: number): number {
    return segment < this.#atByte.length ? this.#atByte.at(segment) : this.#endByte;
  }

  #segment(at: number): Segment {
    const [a = -1, b = -1, c = -1, d = -1] = this.#seqs.map((column) => column.at(at));
    const servers: SegmentServer[] = [];
    for (let of = at === 0 ? 0 : this.#servers.at(at - 1); of < this.#servers.at(at); of++) {
      const [node, timeline] = [this.#node.at(of), this.#timeline.at(of)];
      servers.push({ node, timeline, lsn: this.#lsn.at(of) });
    }
    return { inserts: [a, b], changes: [c, d], servers };
  }
}

/** The segments of every journal of a run, collected in a pass that reads them anyway. */
export class SegmentIndex implements JournalVisitor {
  readonly journals: JournalSegments[] = [];

  begin(header: JournalHeader, path: string): void {
    this.journals.push(new JournalSegments(path, header));
  }

  records(batch: RecordBatch): void {
    this.journals.at(-1)?.add(batch);
  }
}

function noteSeqs(seqs: Float64Array, { length, outcome, kind, seq, count }: RecordBatch): void {
  for (let index = 0; index < length; index++) {
    if ((outcome[index] ?? 0) > OUTCOME.localOnly) continue;
    const field = kind[index] === KIND.insert ? 0 : 2;
    const from = seq[index] ?? 0;
    const to = from + (count[index] ?? 0) - 1;
    if (from < (seqs[field] ?? 0)) seqs[field] = from;
    if (to > (seqs[field + 1] ?? 0)) seqs[field + 1] = to;
  }
}

function noteServers(servers: SegmentServer[], batch: RecordBatch): void {
  const { length, outcome, kind, node: nodes, timeline: timelines, value } = batch;
  let last: SegmentServer | undefined;
  for (let index = 0; index < length; index++) {
    if (outcome[index] !== OUTCOME.acknowledged || kind[index] !== KIND.insert) continue;
    const node = nodes[index] ?? 0;
    const timeline = timelines[index] ?? 0;
    if (last?.node !== node || last.timeline !== timeline) {
      last = servers.find((known) => known.node === node && known.timeline === timeline);
      if (!last) servers.push((last = { node, timeline, lsn: 0 }));
    }
    const lsn = value[index] ?? 0;
    if (lsn > last.lsn) last.lsn = lsn;
  }
}
