import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { EnvironmentError } from '../../../src/std/errors.ts';
import { appendToHistory, parseHistory, readHistory } from '../../../src/history/runs-jsonl.ts';
import { recordOf } from '../../../src/history/run-record.ts';
import { runRecord } from '../../helpers/records.ts';
import { losing, unjudged } from '../../helpers/sample-results.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-history-'));
const file = path.join(folder, 'history.jsonl');
beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const context = {
  recordedAt: new Date('2026-01-01T00:01:00Z'),
  suite: null,
  commit: 'abc',
  directory: 'async-tail-loss/20260101T000000Z',
  thresholds: null,
};

describe('a line of history.jsonl', () => {
  test('keeps everything that comparisons need after the folder is gone', () => {
    const { versions } = losing;
    expect(recordOf(losing, context)).toEqual({
      schemaVersion: 1,
      recordedAt: '2026-01-01T00:01:00.000Z',
      runId: 'run1',
      seed: 7,
      scenario: 'async-tail-loss',
      backend: 'local',
      overrides: [],
      suite: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 45_000,
      status: 'fail',
      reason: 'acknowledged writes lost: 2000 (demanded: 0)',
      acknowledged: 10_000,
      lost: 2000,
      unexpected: 0,
      failovers: 1,
      outageMs: 5230,
      ackedPerSecond: 33,
      idsPerSecond: 10_010,
      versions,
      commit: 'abc',
      thresholds: null,
      directory: 'async-tail-loss/20260101T000000Z',
    });
  });

  test('of an interrupted run is marked as such, and has null for what was not measured', () => {
    const { status, lost, outageMs } = recordOf(unjudged, context);
    expect({ status, lost, outageMs }).toEqual({
      status: 'interrupted',
      lost: null,
      outageMs: null,
    });
  });

  test('has the overrides of the result, whatever its command says', () => {
    const overrides = ['load.duration=5s'];
    expect(recordOf({ ...losing, overrides }, context).overrides).toEqual(overrides);
  });
});

describe('history.jsonl', () => {
  test('returns the appended lines, oldest first', async () => {
    const records = [runRecord(), runRecord({ runId: 'run2', status: 'fail' })];
    await appendToHistory(folder, records.slice(0, 1));
    await appendToHistory(folder, records.slice(1));
    expect(await readHistory(folder)).toEqual({ records, problems: [] });
  });

  test('counts as empty if it does not exist yet', async () => {
    expect(await readHistory(folder)).toEqual({ records: [], problems: [] });
  });

  test('a truncated last line affects neither the lines before nor the next one', async () => {
    await appendToHistory(folder, [runRecord()]);
    appendFileSync(file, '{"schemaVersion":1,"runId":"to');
    expect(await readHistory(folder)).toEqual({ records: [runRecord()], problems: [] });
    await appendToHistory(folder, [runRecord({ runId: 'run2' })]);
    expect(await readHistory(folder)).toEqual({
      records: [runRecord(), runRecord({ runId: 'run2' })],
      problems: ['history.jsonl:2: is no line of JSON'],
    });
  });

  test('lines of a later version and edited lines are reported and skipped', () => {
    const lines = [{ ...runRecord(), schemaVersion: 2 }, { ...runRecord(), lost: 'many' }, 7];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(parseHistory(text)).toEqual({
      records: [],
      problems: [
        'history.jsonl:1: is of schema version 2; this Forkpoint reads version 1',
        'history.jsonl:2: lost: Invalid input: expected number, received string',
        'history.jsonl:3: : Invalid input: expected object, received number',
      ],
    });
  });

  test('for a run recorded again the later line counts, with the fields that only the first one has', () => {
    const first = runRecord({ suite: 'suites/nightly/x', commit: 'abc', status: 'fail' });
    const second = runRecord({ status: 'pass' });
    const text = [first, second].map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(parseHistory(text).records).toEqual([
      { ...second, suite: 'suites/nightly/x', commit: 'abc' },
    ]);
  });

  test('four processes that append at once break no line', async () => {
    const module = new URL('../../../src/history/runs-jsonl.ts', import.meta.url).href;
    const code = `const { appendToHistory } = await import(${JSON.stringify(module)});
      for (let i = 0; i < 100; i++) {
        const record = { ...${JSON.stringify(runRecord())}, runId: process.pid + '-' + i, reason: 'x'.repeat(5000) };
        await appendToHistory(${JSON.stringify(folder)}, [record]);
      }`;
    const args = ['--input-type=module', '--eval', code];
    await Promise.all([1, 2, 3, 4].map(() => promisify(execFile)(process.execPath, args)));
    const { records, problems } = await readHistory(folder);
    expect([records.length, problems]).toEqual([400, []]);
    // A process that reads while another writes may add a line end too many: empty lines are fine.
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.filter((line) => line !== '')).toHaveLength(400);
  });

  test('one that cannot be written is an error of the host', async () => {
    const notAFolder = path.join(folder, 'file');
    writeFileSync(notAFolder, '');
    await expect(appendToHistory(notAFolder, [runRecord()])).rejects.toThrow(EnvironmentError);
  });
});
