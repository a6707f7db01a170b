import { closeSync, openSync, readFileSync } from 'node:fs';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { OperationRecord, Outcome } from '../../../../src/contracts/evidence.ts';
import type { Figures } from '../../../../src/contracts/figures.ts';
import { loadAsCsv } from '../../../../src/evidence/figures/csv.ts';
import { FiguresFold } from '../../../../src/evidence/figures/figures-fold.ts';
import { LatencyRecorder } from '../../../../src/evidence/figures/latency-recorder.ts';
import { LiveFigures } from '../../../../src/evidence/figures/live-figures.ts';
import { TimeseriesLog } from '../../../../src/evidence/figures/timeseries.ts';
import type { ReadTimesLine } from '../../../../src/evidence/observations/format.ts';
import { journalPaths } from '../../../../src/evidence/journal/journal.ts';
import { readJournal } from '../../../../src/evidence/journal/reader.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

const stored = path.resolve(import.meta.dirname, '../../../fixtures/stored-runs/async-tail-loss');
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-figures-'));
afterAll(() => rmSync(folder, { recursive: true }));

function at(answeredMs: number, outcome: Outcome, more: Partial<OperationRecord> = {}) {
  return operation({ outcome, sentUs: answeredMs * 1000 - 2_000, latencyUs: 2_000, ...more });
}

function sum(seconds: readonly Figures[], of: (figures: Figures) => number): number {
  return seconds.reduce((total, figures) => total + of(figures), 0);
}

describe('the figures of each second', () => {
  test('count by kind and outcome at the moment of the answer, with errors by SQLSTATE', () => {
    const fold = new FiguresFold();
    visit(
      [
        at(10, 'acknowledged', { count: 3 }),
        at(999, 'localOnly', { kind: 'update', version: 1 }),
        at(1_000, 'failed', { sqlState: '40001' }),
        at(2_500, 'indeterminate'),
        at(2_600, 'indeterminate', { sqlState: '57P01' }),
      ],
      fold,
    );
    const [first, second, third, ...more] = fold.rest();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ atMs: 0, lengthMs: 1_000, rows: 3, errors: {} });
    expect(first?.operations.insert).toMatchObject({ acknowledged: 1, localOnly: 0 });
    expect(first?.operations.update).toMatchObject({ acknowledged: 0, localOnly: 1 });
    expect(second).toMatchObject({ rows: 0, errors: { '40001': 1 }, latencyMs: null });
    expect(third).toMatchObject({ errors: { '': 1, '57P01': 1 }, serviceMs: null });
  });

  test('are of each group, too, where the load has groups: they add up to those of all', () => {
    const groups = [
      { name: 'app', firstWriter: 0, clients: 2 },
      { name: 'bulk', firstWriter: 2, clients: 1 },
    ];
    const fold = new FiguresFold(1_000, { groups });
    const records = [
      at(10, 'acknowledged', { writer: 1 }),
      at(20, 'acknowledged', { writer: 2, count: 5 }),
      at(30, 'failed', { writer: 2, sqlState: '40001' }),
    ];
    visit(records, fold);
    const [second] = fold.rest();
    expect(second).toMatchObject({ rows: 6, errors: { '40001': 1 } });
    expect(second?.groups).toMatchObject({
      app: { rows: 1, errors: {}, operations: { insert: { acknowledged: 1, failed: 0 } } },
      bulk: { rows: 5, errors: { '40001': 1 }, operations: { insert: { failed: 1 } } },
    });
    const plain = new FiguresFold();
    visit(records, plain);
    expect([...plain.rest()][0]).not.toHaveProperty('groups');
  });

  test('tell the time for service from the time since the intended start', () => {
    const fold = new FiguresFold();
    visit([at(500, 'acknowledged', { waitedUs: 8_000 })], fold);
    const [only] = fold.rest();
    expect([only?.serviceMs?.max, only?.latencyMs?.max]).toEqual([2, 10]);
    expect(only?.latencyMs?.mean).toBe(10);
  });

  test('give each second once, the empty ones too, and count what comes late in the next', () => {
    const fold = new FiguresFold();
    visit([at(2_100, 'acknowledged')], fold);
    expect([...fold.take(2_000)].map(({ atMs, rows }) => [atMs, rows])).toEqual([
      [0, 0],
      [1_000, 0],
    ]);
    visit([at(900, 'acknowledged')], fold);
    expect([...fold.rest()].map(({ atMs, rows }) => [atMs, rows])).toEqual([[2_000, 2]]);
    expect([...fold.rest()]).toEqual([]);
  });

  test('are the same from the bytes that a worker sends and from its journal', () => {
    const fromFiles = new FiguresFold();
    const live = new FiguresFold();
    for (const file of journalPaths(stored)) {
      readJournal(file, {}, fromFiles);
      new LiveFigures(live).take(readFileSync(file));
    }
    const seconds = [...live.rest()];
    expect(seconds).toEqual([...fromFiles.rest()]);
    const { writes } = JSON.parse(readFileSync(path.join(stored, 'result.json'), 'utf8')) as {
      writes: { acknowledged: number };
    };
    const acknowledged = sum(seconds, ({ operations: { insert, update, delete: gone } }) => {
      return insert.acknowledged + update.acknowledged + gone.acknowledged;
    });
    expect(acknowledged).toBeGreaterThan(500);
    expect(sum(seconds, ({ rows }) => rows)).toBe(writes.acknowledged);
  });
});

describe('reads', () => {
  const line = (group: string | undefined, ms: number, failed = 0): ReadTimesLine => {
    const recorder = new LatencyRecorder('stored');
    recorder.record(ms * 1000);
    const own = group === undefined ? {} : { group };
    const times = { latency: recorder.packed(), service: recorder.packed() };
    return { readSecond: 1, by: 'client', ...own, answered: 1, failed, ...times };
  };

  test('have figures of their own, of each group and of all', () => {
    const groups = [{ name: 'reports', firstWriter: 0, clients: 2 }];
    const fold = new FiguresFold(1_000, { groups, reads: true });
    fold.readTimes(line('reports', 40, 2));
    fold.readTimes(line(undefined, 10));
    const [first, second] = [...fold.rest()];
    expect(first?.reads).toEqual({ answered: 0, failed: 0, latencyMs: null, serviceMs: null });
    expect(second?.reads).toMatchObject({ answered: 2, failed: 2, latencyMs: { max: 40 } });
    expect(second?.groups?.reports?.reads).toMatchObject({ answered: 1, serviceMs: { max: 40 } });
    expect(second).toMatchObject({ rows: 0, latencyMs: null });
    expect([...new FiguresFold().take(1_000)][0]).not.toHaveProperty('reads');
  });

  test('are columns of the CSV of a load that reads', () => {
    const run = path.join(folder, 'reading');
    cpSync(stored, run, { recursive: true });
    mkdirSync(path.join(run, 'observations'), { recursive: true });
    const lines = [{ schemaVersion: 1, runId: 'x' }, line(undefined, 25)];
    const text = `${lines.map((each) => JSON.stringify(each)).join('\n')}\n{"readSecond":2,"by`;
    writeFileSync(path.join(run, 'observations', '0.jsonl'), text);
    const [head = '', , second = ''] = loadAsCsv(run, { reads: true }).split('\n');
    const column = (name: string) => second.split(',')[head.split(',').indexOf(name)];
    expect(column('reads.answered')).toBe('1');
    expect(column('reads.latencyMs.max')).toBe('25');
    expect(loadAsCsv(run)).not.toContain('reads.');
  });
});

describe('the load as CSV', () => {
  test('has a line a second, and the clients where timeseries.jsonl knew them', () => {
    const run = path.join(folder, 'run');
    cpSync(stored, run, { recursive: true });
    const bare = loadAsCsv(run).trim().split('\n');
    expect(bare[0]).toContain('second,insert.acknowledged,');
    expect(bare[1]?.split(',')[bare[0]?.split(',').indexOf('connected') ?? -1]).toBe('');
    const line = { atMs: 0, clients: { connected: 8, inFlight: 2, unstarted: 0 } };
    writeFileSync(path.join(run, 'timeseries.jsonl'), `${JSON.stringify(line)}\n{"atMs":10`);
    const [head = '', first = ''] = loadAsCsv(run).split('\n');
    const columns = head.split(',');
    expect(first.split(',').slice(columns.indexOf('connected'))).toEqual(
      expect.arrayContaining(['8', '2', '0']),
    );
  });
});

describe('timeseries.jsonl', () => {
  test('that cannot be written is said once, and ends nothing', () => {
    const said: string[] = [];
    closeSync(openSync(path.join(folder, 'timeseries.jsonl'), 'w'));
    using log = new TimeseriesLog(folder, (what) => said.push(what));
    const [figures] = new FiguresFold().take(1_000);
    if (figures) log.append(figures);
    expect(said).toEqual([expect.stringContaining('timeseries.jsonl: EEXIST')]);
  });
});
