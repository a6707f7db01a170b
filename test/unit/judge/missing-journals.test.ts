import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../../src/contracts/result.ts';
import { JournalWriter } from '../../../src/evidence/journal/journal.ts';
import { recordOf } from '../../../src/history/run-record.ts';
import { judgeRun } from '../../../src/judge/judge.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { operation } from '../../histories/in-memory.ts';
import { runId, storeRun } from '../../helpers/stored-run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-missing-'));
  await storeRun(path.join(folder, 'whole'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The stored run of 40 acknowledged rows, five of them lost, with other journals. */
async function judged(change: (run: string) => Promise<void>): Promise<Result> {
  const run = await mkdtemp(path.join(folder, 'run-'));
  await cp(path.join(folder, 'whole'), run, { recursive: true });
  await change(run);
  return judgeRun(run, await loadRegistry());
}

const withoutJournals = () => judged((run) => rm(path.join(run, 'journal'), { recursive: true }));

/** Writer 1, whose last five rows are lost, has its journal; that of writer 0 is missing. */
const withOneOfTwo = () =>
  judged(async (run) => {
    await rm(path.join(run, 'journal/0.bin'));
    const journal = JournalWriter.open(path.join(run, 'journal/1.bin'), {
      schemaVersion: 1,
      runId,
      worker: 1,
      firstWriter: 1,
      writers: 1,
      nodes: ['pg1', 'pg2', 'pg3'],
      originNs: '2000000000',
    });
    for (let seq = 0; seq < 20; seq++) {
      const lsn = seq < 15 ? 0x2000000n + BigInt(seq) : 0x3000100n + BigInt(seq);
      const at = { writer: 1, seq, node: 0, timeline: 1, lsn };
      journal.append(operation({ ...at, sentUs: seq * 400_000, latencyUs: 900 }));
    }
    await journal.close();
  });

/** Every report of a result, by file name, without the data of the charts. */
async function reportsOf(result: Result): Promise<ReadonlyMap<string, string>> {
  const { reporters } = await loadRegistry();
  const all = [...reporters.values()].filter(({ fileName }) => fileName !== 'result.json');
  return new Map(all.map((reporter) => [reporter.fileName, reporter.render(result)]));
}

describe('without any journal of a load', () => {
  it('every count of writes, records and seconds is null, and no check is judged', async () => {
    const result = await withoutJournals();
    const { duplicated, corrupted, ...writes } = result.writes;
    expect({ duplicated, corrupted }).toEqual({ duplicated: 0, corrupted: 0 });
    expect(new Set(Object.values(writes))).toEqual(new Set([null]));
    expect(result).toMatchObject({
      status: 'unknown',
      records: { inserted: null, found: null, lost: null },
      lossPercent: null,
      rpo: { records: null, bytes: null, seconds: null },
      rto: { ms: null },
      outage: { longestMs: null },
      stages: { attempted: null, acknowledged: null, onPrimary: null },
      throughput: { ackedPerSecond: null },
      timeline: null,
      journal: { operations: 0, missingWriters: 2 },
    });
    expect(new Set(result.checks.map(({ status }) => status))).toEqual(new Set(['unknown']));
  });

  it('no report prints a number for an unknown value', async () => {
    const reports = await reportsOf(await withoutJournals());
    const summary = reports.get('summary.txt') ?? '';
    expect(summary).toContain('The number of acknowledged writes and their fates are unknown');
    expect(summary).toContain('Total Records Inserted: unknown');
    expect(summary).toContain('Records Lost: unknown');
    expect(summary).toContain('Data Loss Percentage: unknown');
    expect(summary).toContain('acknowledged unknown');
    for (const [file, text] of reports) {
      expect(text, file).not.toContain('No write was acknowledged');
      expect(text, file).not.toContain('0.00%');
    }
  });
});

describe('with one of two journals', () => {
  it('counts are minimums, and percentages, outages and checks are unknown', async () => {
    const result = await withOneOfTwo();
    expect(result).toMatchObject({
      status: 'unknown',
      writes: { acknowledged: 20, lost: 5, durable: 15 },
      lossPercent: null,
      outage: { longestMs: null },
      rto: { ms: null },
      journal: { operations: 20, missingWriters: 1 },
    });
    expect(new Set(result.checks.map(({ status }) => status))).toEqual(new Set(['unknown']));
  });

  it('every report says `at least` before a count', async () => {
    const reports = await reportsOf(await withOneOfTwo());
    const summary = reports.get('summary.txt') ?? '';
    expect(summary).toContain('Lost at least 5 of at least 20 acknowledged writes');
    expect(summary).toContain('Records Lost: at least 5');
    expect(summary).toContain('Data Loss Percentage: unknown');
    expect(summary).toContain('acknowledged at least 20');
    expect(reports.get('report.md')).toMatch(/\| at least 20 \| at least 5 \| at least 20 \|/);
    expect(reports.get('report.html')).toContain('<dd>at least 5</dd>');
  });

  it('history.jsonl keeps no count of it, since later runs would be compared with it', async () => {
    const context = { suite: null, commit: null, directory: null, thresholds: null };
    const record = recordOf(await withOneOfTwo(), { ...context, recordedAt: new Date(0) });
    const { acknowledged, lost, ackedPerSecond } = record;
    expect({ acknowledged, lost, ackedPerSecond }).toEqual({
      acknowledged: null,
      lost: null,
      ackedPerSecond: null,
    });
  });
});
