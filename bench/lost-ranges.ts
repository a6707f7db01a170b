/**
 * How long it takes and how much memory to judge a million lost writes that are scattered as single rows, as `forkpoint
 * judge` does it, reports and all, and to print them as `history --lost` does, each in a process of its own:
 *   node bench/lost-ranges.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { historyLines } from '../src/evidence/journal/export.ts';
import { lostOperations } from '../src/evidence/journal/lost-operations.ts';
import { storedLostRanges } from '../src/evidence/store/lost-ranges.ts';
import { readResult } from '../src/evidence/store/read-result.ts';
import { writeJudgement } from '../src/evidence/store/write-reports.ts';
import { judge } from '../src/judge/judge.ts';
import { loadRegistry } from '../src/registry.ts';
import { monotonicMs } from '../src/std/wait.ts';
import { lostRangesFile } from '../src/std/units/loss-summary.ts';
import { storeScatteredRun } from '../test/helpers/scattered-run.ts';
import { reportBench, round } from './support/results.ts';

const LOST = 1_000_000;
const WRITERS = 64;

interface Part {
  readonly seconds: number;
  readonly peakMb: number;
  readonly lost: number;
}

const [part, folder = ''] = process.argv.slice(2);
if (part === 'judge') await measured(() => judgeIt(folder));
else if (part === 'history') await measured(() => listIt(folder));
else await measureAll();

async function measureAll(): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-bench-'));
  try {
    await storeScatteredRun(directory, { lost: LOST, writers: WRITERS });
    const judged = inProcess('judge', directory);
    const fileBytes = statSync(path.join(directory, lostRangesFile)).size;
    const resultBytes = statSync(path.join(directory, 'result.json')).size;
    const listed = inProcess('history', directory);
    reportBench('lost-ranges', {
      goals: {
        seconds: { measured: judged.seconds, goal: '<= 60' },
        peakMb: { measured: judged.peakMb, goal: '<= 500' },
      },
      judged,
      listed,
      fileBytes,
      resultBytes,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function inProcess(name: string, directory: string): Part {
  const argv = [import.meta.filename, name, directory];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as Part;
}

async function measured(work: () => Promise<number>): Promise<void> {
  const startedMs = monotonicMs();
  const lost = await work();
  const seconds = round((monotonicMs() - startedMs) / 1000);
  const [, peakKb] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  console.log(JSON.stringify({ seconds, peakMb: round((1024 * Number(peakKb)) / 1e6), lost }));
}

async function judgeIt(directory: string): Promise<number> {
  const registry = await loadRegistry();
  const judgement = await judge(directory, registry);
  await writeJudgement(directory, judgement, registry);
  return judgement.result.lossSummary?.ranges ?? 0;
}

async function listIt(directory: string): Promise<number> {
  const result = await readResult(directory);
  const isShown = lostOperations(storedLostRanges(directory, result));
  return historyLines(directory, 'jsonl', { isShown }).reduce((lines) => lines + 1, 0);
}
