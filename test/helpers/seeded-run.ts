import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NodeReading, OperationRecord, WriterReading } from '../../src/contracts/evidence.ts';
import { journalPath, JournalWriter } from '../../src/evidence/journal/journal.ts';
import { count, rangesOf } from '../../src/std/ranges.ts';
import { seededRandom } from '../../src/std/random.ts';
import { operation } from '../histories/in-memory.ts';
import { clusterSettings } from './settings.ts';
import { lines, runId, storedEvents, storedPlan, storedReadBack } from './stored-run.ts';

const journals = 2;
const writersEach = 4;
const operationsEach = 24_000;
const forkLsn = 0x3000000;
/** pg1 acknowledges past the fork until pg2 has been the primary for a while. */
const forkedAtUs = 3_500_000;
const takenOverAtUs = 3_700_000;
/** pg2 comes back without the end of its WAL. */
const rewoundAtUs = 7_000_000;
/** Nothing goes missing before or after but by the fork. */
const losesUs = [2_500_000, 7_500_000] as const;
/** Updates and deletes are of the last rows. */
const recentRows = 300;
const sqlStates = ['08006', '40001', '57P01', ''];

interface StoredRow {
  version: number;
}

/** By writer and seq, the rows on the final primary. */
type Rows = Map<number, Map<number, StoredRow>>;
type Random = () => number;

/**
 * A run's folder with every kind and outcome, batches, server-made ids, a fork, a server that came back without the end of its
 * WAL, and losses past the fork, on the primary only, and unexplained: 2 MB of journals, the same each time. Nothing is
 * judged yet.
 */
export async function storeSeededRun(directory: string, seed: number): Promise<void> {
  const put = (name: string, value: unknown) =>
    writeFile(
      path.join(directory, name),
      typeof value === 'string' ? value : JSON.stringify(value),
    );
  await mkdir(path.join(directory, 'journal'), { recursive: true });
  const set = [`load.clients=${journals * writersEach}`, 'load.batch=3'];
  await put('plan.json', await storedPlan(set));
  await put('events.jsonl', lines(storedEvents));
  await put('settings.json', clusterSettings());
  const rows: Rows = new Map();
  for (let worker = 0; worker < journals; worker++) {
    await writeJournal(directory, worker, { rows, random: seededRandom(seed, `${worker}`) });
  }
  const random = seededRandom(seed, 'readings');
  const nodes = storedReadBack.nodes.map((node): NodeReading => {
    const writers = readingsOf(rows, node.node === 'pg3' ? random : () => 1);
    const foreign = node.node === 'pg2' ? [{ writer: 99, count: 2, seqs: [3, 4] }] : [];
    return { ...node, writers, foreign, rows: rowsOf(writers) + 2 * foreign.length };
  });
  await put('readback.json', { ...storedReadBack, nodes });
}

async function writeJournal(
  directory: string,
  worker: number,
  { rows, random }: { readonly rows: Rows; readonly random: Random },
): Promise<void> {
  const firstWriter = worker * writersEach;
  const journal = JournalWriter.open(journalPath(directory, worker), {
    schemaVersion: 1,
    runId,
    worker,
    firstWriter,
    writers: writersEach,
    nodes: ['pg1', 'pg2', 'pg3'],
    originNs: '2000000000',
  });
  const writers = Array.from({ length: writersEach }, (_, nth) => {
    return new SeededWriter(firstWriter + nth, random);
  });
  for (let turn = 0; turn < operationsEach; turn++) {
    const sentUs = Math.floor((turn * 9.9e6) / operationsEach);
    // Writers are of different speeds.
    const writer = writers[Math.floor(writersEach * random() ** 2)]!;
    const record = writer.next(sentUs, positionAt(turn, sentUs));
    if (record.kind === 'insert' && random() < 0.1) {
      const id = random() < 0.01 ? 5 : 1_000_000 * (record.writer + 1) + record.seq;
      journal.appendId(record.writer, record.seq, id, record.count);
    }
    journal.append(record);
    keep(rows, record, random);
    if (turn % 1000 === 0) await journal.flush();
  }
  await journal.close();
}

interface Position {
  readonly node: number;
  readonly timeline: number;
  readonly lsn: bigint;
}

function positionAt(turn: number, sentUs: number): Position {
  const byTime = Math.floor(sentUs / 10) * 16 + (turn % 16);
  const forkedBy = Math.floor(forkedAtUs / 10) * 16;
  if (sentUs < takenOverAtUs) return onServer(0, 1, forkLsn - forkedBy + byTime);
  const taken = sentUs < rewoundAtUs ? 0 : 400_000;
  return onServer(1, 2, forkLsn + byTime - Math.floor(takenOverAtUs / 10) * 16 - taken);
}

function onServer(node: number, timeline: number, lsn: number): Position {
  return { node, timeline, lsn: BigInt(lsn) };
}

/** Inserts, updates and deletes as a writer of the ledger workload does. */
class SeededWriter {
  readonly #writer: number;
  readonly #random: Random;
  readonly #versions = new Map<number, number>();
  #seq = 0;

  constructor(writer: number, random: Random) {
    this.#writer = writer;
    this.#random = random;
  }

  next(sentUs: number, position: Position): OperationRecord {
    const [dice, spread] = [this.#random(), this.#random()];
    const answered = { sentUs, latencyUs: Math.floor(100 * (1 / (1 - spread * 0.9999))) };
    const of = { ...this.#outcome(position), ...answered, writer: this.#writer };
    const waitedUs = dice < 0.2 ? Math.floor(3000 * dice) : 0;
    const kind = this.#seq < 10 || dice < 0.85 ? 'insert' : dice < 0.97 ? 'update' : 'delete';
    if (kind === 'insert') {
      const count = this.#random() < 0.8 ? 1 : 1 + Math.floor(3 * this.#random());
      this.#seq += count;
      return operation({ ...of, waitedUs, kind, seq: this.#seq - count, count });
    }
    const seq = this.#seq - 1 - Math.floor(Math.min(this.#seq, recentRows) * this.#random());
    if (kind === 'delete') return operation({ ...of, waitedUs, kind, seq });
    const version = (this.#versions.get(seq) ?? 0) + 1;
    this.#versions.set(seq, version);
    return operation({ ...of, waitedUs, kind, seq, version });
  }

  #outcome(position: Position): Partial<OperationRecord> {
    const dice = this.#random();
    if (dice < 0.97) return position;
    if (dice < 0.975) return { ...position, outcome: 'localOnly' };
    if (dice < 0.98) return { ...position, lsn: 0n };
    const sqlState = sqlStates[Math.floor(sqlStates.length * this.#random())] ?? '';
    const outcome = dice < 0.99 ? 'failed' : 'indeterminate';
    const node = dice > 0.995 ? undefined : position.node;
    return { outcome, sqlState, node, timeline: position.timeline };
  }
}

/** What the final primary has of it: nothing past the fork, what failed now and then, and some is missing for a while. */
function keep(rows: Rows, record: OperationRecord, random: Random): void {
  const { kind, outcome, writer, seq, version, timeline, lsn, sentUs } = record;
  const dice = random();
  if (timeline === 1 && lsn >= BigInt(forkLsn)) return;
  if (outcome === 'failed' && dice > 0.02) return;
  if (outcome === 'indeterminate' && dice < 0.5) return;
  if (dice < 0.003 && losesUs[0] <= sentUs && sentUs < losesUs[1]) return;
  let of = rows.get(writer);
  if (!of) rows.set(writer, (of = new Map<number, StoredRow>()));
  for (let each = seq; each < seq + record.count; each++) {
    const known = of.get(each);
    if (kind === 'insert') of.set(each, { version: 0 });
    else if (kind === 'delete') of.delete(each);
    else if (known) known.version = version;
  }
}

function rowsOf(writers: readonly WriterReading[]): number {
  const copies = writers.flatMap(({ duplicated }) => duplicated.map(([, found]) => found - 1));
  const rows = writers.map(({ present }) => count(present));
  return [...rows, ...copies].reduce((sum, each) => sum + each, 0);
}

/** `random` takes a few rows away, and damages a few. */
function readingsOf(rows: Rows, random: Random): readonly WriterReading[] {
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([writer, of]): WriterReading => {
      const found = [...of].sort(([a], [b]) => a - b).filter(() => random() > 0.001);
      const seqs = found.map(([seq]) => seq);
      return {
        writer,
        present: rangesOf(seqs),
        versions: found.flatMap(([seq, { version }]) =>
          version > 0 ? [[seq, version] as const] : [],
        ),
        corrupted: seqs.slice(100, 101 + writer),
        duplicated: seqs.slice(200, 202).map((seq) => [seq, 2] as const),
      };
    });
}
