/**
 * How long judging stored journals takes and how much memory it needs, in a process of its own:
 *   node bench/judge.ts            100 million rows of 64 writers in inserts of 100 rows, and 20 million single rows
 *   node bench/judge.ts 100        the second with 100 million single rows (4 GB of journals)
 * 1,000 losses scattered over all writers and 10,000 indeterminate operations in each.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeReading, OperationRecord, ReadBack } from '../src/contracts/evidence.ts';
import { ancestryOf } from '../src/judge/causes/ancestry.ts';
import { ServerLog } from '../src/judge/causes/servers.ts';
import { sightingsIn } from '../src/judge/causes/sightings.ts';
import { attributeLosses } from '../src/judge/causes/attribute.ts';
import { Availability } from '../src/judge/availability/availability.ts';
import { journalPath, journalPaths, JournalWriter } from '../src/evidence/journal/journal.ts';
import { SegmentIndex } from '../src/evidence/journal/segments.ts';
import { judgePrimary } from '../src/judge/ledger/fates.ts';
import { buildLedger, insertedRange, type Ledger } from '../src/judge/ledger/ledger.ts';
import { patternOf } from '../src/judge/causes/loss-pattern.ts';
import { rangesOf, subtract } from '../src/std/ranges.ts';
import { bucketFor, TimelineVisitor } from '../src/judge/availability/chart-series.ts';
import { LatencyRecorder } from '../src/evidence/figures/latency-recorder.ts';
import { LatenciesByKind } from '../src/judge/availability/latency.ts';
import { keepYoungGenerationSmall } from '../src/std/young-generation.ts';
import { monotonicMs } from '../src/std/wait.ts';
import { reportBench, round } from './support/results.ts';

const WORKERS = 4;
const WRITERS = 64;
const LOST = 1000;
const INDETERMINATE = 10_000;

interface Size {
  readonly rows: number;
  readonly batch: number;
}

/** What the judging process says of itself. */
interface Judgement {
  readonly peakMb: number;
  readonly bytesPerWrite: number;
  readonly [figure: string]: unknown;
}

interface Judged extends Judgement, Size {}

const [mode = '20', folder = ''] = process.argv.slice(2);
if (mode === 'judge') {
  judge(folder);
} else {
  const batched = await measure({ rows: 100e6, batch: 100 });
  const single = await measure({ rows: Number(mode) * 1e6, batch: 1 });
  const [peakMb, bytesPerWrite] = [batched.peakMb, batched.bytesPerWrite];
  reportBench('judge', {
    goals: {
      peakMb: { measured: peakMb, goal: '<= 200' },
      bytesPerWrite: { measured: bytesPerWrite, goal: '<= 0.3' },
    },
    batched,
    single,
  });
}

async function measure(size: Size): Promise<Judged> {
  const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-bench-'));
  try {
    mkdirSync(path.join(directory, 'journal'));
    const writtenMs = await writeJournals(directory, size);
    const bytes = journalPaths(directory).reduce((sum, file) => sum + statSync(file).size, 0);
    const argv = [import.meta.filename, 'judge', directory];
    const judged = JSON.parse(
      execFileSync(process.execPath, argv, { encoding: 'utf8' }),
    ) as Judgement;
    const operations = size.rows / size.batch;
    const perAppendNs = Math.round((writtenMs * 1e6) / operations);
    return { ...size, operations, bytes, perAppendNs, ...judged };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function writeJournals(directory: string, { rows, batch }: Size): Promise<number> {
  const perWriter = Math.round(rows / batch / WRITERS);
  const perWorker = WRITERS / WORKERS;
  const everyNth = Math.floor((perWriter * WRITERS) / INDETERMINATE);
  const startedMs = monotonicMs();
  let operations = 0;
  for (let worker = 0; worker < WORKERS; worker++) {
    const firstWriter = worker * perWorker;
    const header = { schemaVersion: 1, runId: 'bench', worker, originNs: '0' } as const;
    const journal = JournalWriter.open(journalPath(directory, worker), {
      ...header,
      firstWriter,
      writers: perWorker,
      nodes: ['pg1', 'pg2', 'pg3'],
    });
    for (let turn = 0; turn < perWriter; turn++) {
      for (let writer = firstWriter; writer < firstWriter + perWorker; writer++) {
        const isUnsure = ++operations % everyNth === 0;
        journal.append(recordOf(writer, turn, batch, isUnsure));
      }
      if (turn % 100 === 0) await journal.flush();
    }
    await journal.close();
  }
  return monotonicMs() - startedMs;
}

function recordOf(writer: number, turn: number, batch: number, isUnsure: boolean): OperationRecord {
  return {
    kind: 'insert',
    outcome: isUnsure ? 'indeterminate' : 'acknowledged',
    writer,
    seq: turn * batch,
    count: batch,
    version: 0,
    node: 0,
    timeline: 1,
    lsn: BigInt(0x3000000 + turn * 64 + writer),
    sentUs: turn * 200,
    latencyUs: 150,
    waitedUs: 0,
    sqlState: isUnsure ? '08006' : '',
  };
}

/** What `forkpoint judge` does between reading the journals and rendering. */
function judge(directory: string): void {
  keepYoungGenerationSmall();
  const paths = journalPaths(directory);
  const startedMs = monotonicMs();
  const idleBytes = process.memoryUsage().rss;
  const servers = new ServerLog();
  // Whatever else is measured of a run goes with the same pass.
  const segments = new SegmentIndex();
  const others = [
    segments,
    new Availability(),
    new LatenciesByKind(),
    new TimelineVisitor(bucketFor(600_000), () => new LatencyRecorder('coarse')),
  ];
  const options = { runId: 'bench', writers: WRITERS };
  const ledger = buildLedger(paths, options, servers, ...others);
  const foldedMs = monotonicMs();
  const primary = readingOf(ledger);
  const verdict = judgePrimary(ledger, primary);
  const readBack: ReadBack = {
    schemaVersion: 1,
    runId: 'bench',
    primary: 'pg1',
    nodes: [primary],
    history: [],
    converged: { ok: true, ms: 0 },
    contentChecked: true,
    ms: 0,
  };
  const { lost } = verdict;
  const attribution = attributeLosses(segments.journals, {
    lost,
    ancestry: ancestryOf(readBack),
    servers: servers.servers(),
    commits: [],
    sightings: sightingsIn([], 0),
    mayBeUnflushed: () => false,
  });
  const pattern = patternOf(ledger, verdict, primary, attribution.order);
  const { attempted, indeterminate, lost: lostWrites } = verdict.writes;
  const peakBytes =
    1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  console.log(
    JSON.stringify({
      attempted,
      indeterminate,
      lost: lostWrites,
      ranges: attribution.ranges.size,
      pattern,
      foldSeconds: round((foldedMs - startedMs) / 1000),
      judgeSeconds: round((monotonicMs() - startedMs) / 1000),
      peakMb: round(peakBytes / 1e6),
      bytesPerWrite: round((peakBytes - idleBytes) / attempted),
    }),
  );
}

/** Everything is there but LOST acknowledged rows, spread over all writers. */
function readingOf(ledger: Ledger): NodeReading {
  const writers = ledger.writers().map((writer) => {
    const state = ledger.writer(writer)!;
    const [[first, last] = [0, 0]] = insertedRange(state);
    const share = Math.ceil((LOST - writer) / WRITERS);
    const step = Math.floor((last - first) / share);
    const lost = Array.from({ length: share }, (_, nth) => first + nth * step + ((nth * nth) % 97));
    const present = subtract([[first, last]], rangesOf(lost));
    return { writer, present, versions: [], corrupted: [], duplicated: [] };
  });
  return {
    node: 'pg1',
    status: 'read',
    role: 'primary',
    timeline: 1,
    rows: 0,
    ms: 0,
    writers,
    foreign: [],
    partitions: [],
    structure: [],
  };
}
