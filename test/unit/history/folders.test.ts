import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Baseline } from '../../../src/contracts/history.ts';
import type { Result } from '../../../src/contracts/result.ts';
import { EnvironmentError } from '../../../src/std/errors.ts';
import { readBaseline, saveBaseline } from '../../../src/history/baseline.ts';
import { findRuns } from '../../../src/history/find-runs.ts';
import { appendToHistory, readHistory } from '../../../src/history/runs-jsonl.ts';
import { readPastRuns } from '../../../src/history/past-runs.ts';
import { deleteSurplusRuns } from '../../../src/history/retention.ts';
import { writeIndex } from '../../../src/history/write-index.ts';
import { runRecord } from '../../helpers/records.ts';
import { losing, passing } from '../../helpers/sample-results.ts';

let reports: string;
beforeEach(() => (reports = mkdtempSync(path.join(tmpdir(), 'forkpoint-reports-'))));
afterEach(() => rmSync(reports, { recursive: true }));

/** A run's folder as a run of the given hour leaves it. */
function store(result: Result, hour: number): string {
  const time = `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000Z`;
  const directory = `${result.scenario}/${time.replace(/[-:]|\.\d+/g, '')}`;
  const folder = path.join(reports, directory);
  mkdirSync(folder, { recursive: true });
  const plan = { schemaVersion: 1, scenario: { name: result.scenario } };
  const stored = { ...result, runId: `${result.scenario}-${hour}`, startedAt: time };
  writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
  writeFileSync(path.join(folder, 'result.json'), JSON.stringify(stored));
  writeFileSync(path.join(folder, 'report.html'), '');
  return directory;
}

function edit(directory: string, text: string): void {
  writeFileSync(path.join(reports, directory, 'result.json'), text);
}

const failing: Result = { ...passing, status: 'fail' };

describe('past runs', () => {
  test('are found in their folders, newest first, and added to history.jsonl', async () => {
    const directories = [store(passing, 1), store(losing, 3), store(passing, 2)];
    symlinkSync('20261120T020000Z', path.join(reports, 'partition-5s', 'latest'));
    const { runs, skipped } = await readPastRuns(reports);
    expect([runs.map(({ runId }) => runId), skipped]).toEqual([
      ...[['async-tail-loss-3', 'partition-5s-2', 'partition-5s-1'], []],
    ]);
    for (const directory of directories) rmSync(path.join(reports, directory), { recursive: true });
    const later = await readPastRuns(reports);
    expect(later.runs).toEqual(runs.map((run) => ({ ...run, hasReport: false })));
  });

  test('a verdict newer than its line is added; an older one does not get a second line', async () => {
    const directory = store(passing, 1);
    await readPastRuns(reports);
    await readPastRuns(reports);
    expect((await readHistory(reports)).records).toHaveLength(1);
    edit(directory, JSON.stringify({ ...failing, runId: 'partition-5s-1' }));
    const later = new Date(Date.now() + 5_000);
    utimesSync(path.join(reports, directory, 'result.json'), later, later);
    const { runs } = await readPastRuns(reports);
    expect(runs.map(({ status }) => status)).toEqual(['fail']);
  });

  test('folders that are truncated, edited, of a later version or still running are reported, and the others are read', async () => {
    store(passing, 1);
    edit(store(passing, 2), '{"schemaVersion":1,');
    edit(store(passing, 3), JSON.stringify({ ...passing, schemaVersion: 2 }));
    edit(store(passing, 4), JSON.stringify({ ...passing, durationMs: 'long' }));
    rmSync(path.join(reports, store(passing, 5), 'result.json'));
    mkdirSync(path.join(reports, 'partition-5s', 'notes'));
    const { runs, skipped } = await readPastRuns(reports);
    expect(runs.map(({ runId }) => runId)).toEqual(['partition-5s-1']);
    expect(skipped).toEqual([
      expect.stringMatching(/^partition-5s\/20261120T020000Z: result.json: is not JSON/),
      'partition-5s/20261120T030000Z: result.json: schema version 2; this Forkpoint reads version 1',
      expect.stringMatching(/^partition-5s\/20261120T040000Z: result.json: durationMs: /),
      'partition-5s/20261120T050000Z: no result.json: the run is still going on, or was killed',
    ]);
  });

  test('an invalid reports folder is an error of the host', async () => {
    const file = path.join(reports, 'file');
    writeFileSync(file, '');
    await expect(readPastRuns(file)).rejects.toThrow(EnvironmentError);
    await expect(writeIndex(file, { runs: [], skipped: [] })).rejects.toThrow(EnvironmentError);
  });
});

describe('retention', () => {
  async function keep(count: number): Promise<readonly string[]> {
    const { runs } = await readPastRuns(reports);
    const said: string[] = [];
    const log = (line: string) => void said.push(line);
    const deleted = await deleteSurplusRuns(reports, { runs, keep: count, log });
    expect(said).toEqual([]);
    return deleted.toSorted();
  }

  test('keeps the newest of each scenario that passed, and as many that did not', async () => {
    for (const hour of [1, 2, 3, 4]) store(passing, hour);
    for (const hour of [5, 6, 7]) store(failing, hour);
    for (const hour of [1, 2]) store(losing, hour);
    expect(await keep(2)).toEqual([
      ...['partition-5s/20261120T010000Z', 'partition-5s/20261120T020000Z'],
      'partition-5s/20261120T050000Z',
    ]);
    const { runs } = await readPastRuns(reports);
    expect([runs.length, runs.filter(({ hasReport }) => hasReport).length]).toEqual([9, 6]);
  });

  test('keeps the only failure among many passes, however old', async () => {
    const failure = store(failing, 1);
    for (const hour of [2, 3, 4]) store(passing, hour);
    await keep(1);
    expect(existsSync(path.join(reports, failure))).toBe(true);
  });

  test('deletes only what is certainly a finished run', async () => {
    const copied = store(passing, 1);
    const unread = store(passing, 2);
    const unplanned = store(passing, 3);
    for (const hour of [4, 5]) store(passing, hour);
    await readPastRuns(reports);
    // After they were recorded: another scenario's plan, no result that can be read, no plan.
    const plan = JSON.stringify({ schemaVersion: 1, scenario: { name: 'flapping' } });
    writeFileSync(path.join(reports, copied, 'plan.json'), plan);
    edit(unread, '{');
    rmSync(path.join(reports, unplanned, 'plan.json'));
    cpSync(path.join(reports, copied), path.join(reports, 'partition-5s', 'my-copy'), {
      recursive: true,
    });
    expect(await keep(1)).toEqual(['partition-5s/20261120T040000Z']);
  });
});

describe('baselines', () => {
  const baseline: Baseline = {
    schemaVersion: 1,
    name: 'v1',
    savedAt: '2026-11-20T00:00:00.000Z',
    from: 'suites/nightly/x',
    runs: [runRecord()],
  };

  test('are read back as they were saved, and an unknown name has none', async () => {
    const file = await saveBaseline(reports, baseline);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(baseline);
    expect(await readBaseline(reports, 'v1')).toEqual(baseline);
    expect(await readBaseline(reports, 'v2')).toBeUndefined();
    expect(await readBaseline(reports, '../v1')).toBeUndefined();
  });

  test('a name that would leave the folder is refused', async () => {
    await expect(saveBaseline(reports, { ...baseline, name: '../v1' })).rejects.toThrow(
      /^baseline '\.\.\/v1': a name is made of/,
    );
  });

  test('an edited one is refused with the position of the edit', async () => {
    const file = await saveBaseline(reports, baseline);
    writeFileSync(file, JSON.stringify({ ...baseline, runs: [{ ...runRecord(), seed: 'x' }] }));
    await expect(readBaseline(reports, 'v1')).rejects.toThrow(/v1\.json: runs\.0\.seed: /);
  });
});

describe('a name on the command line of compare', () => {
  const suite = (night: string) => `suites/nightly/${night}`;

  async function found(name: string): Promise<string> {
    const { runs: past } = await readPastRuns(reports);
    const { from, runs } = await findRuns(name, { reports, past });
    return `${from}: ${runs.map(({ runId }) => runId).join(' ')}`;
  }

  beforeEach(async () => {
    const at = (day: number) => ({ startedAt: `2026-11-0${day}T00:00:00.000Z` });
    await appendToHistory(reports, [
      runRecord({ runId: 'a', suite: suite('1'), directory: 'partition-5s/1', ...at(1) }),
      runRecord({ runId: 'b', suite: suite('2'), directory: 'partition-5s/2', ...at(2) }),
      runRecord({
        runId: 'c',
        suite: suite('2'),
        scenario: 'flapping',
        directory: 'f/2',
        ...at(2),
      }),
    ]);
  });

  test.each([
    ['nightly', 'suites/nightly/2: c b'],
    ['nightly~1', 'suites/nightly/1: a'],
    ['nightly/1', 'suites/nightly/1: a'],
    ['suites/nightly/2', 'suites/nightly/2: c b'],
    ['partition-5s', 'partition-5s/2: b'],
    ['partition-5s~1', 'partition-5s/1: a'],
    ['partition-5s/1', 'partition-5s/1: a'],
  ])('%s is %s', async (name, runs) => {
    expect((await found(name)).split(' ').toSorted()).toEqual(runs.split(' ').toSorted());
  });

  test('can be the path of a folder anywhere, also of a link', async () => {
    const directory = store(losing, 9);
    expect(await found(path.join(reports, directory))).toMatch(/: async-tail-loss-9$/);
    symlinkSync('20261120T090000Z', path.join(reports, 'async-tail-loss', 'latest'));
    expect(await found(path.join(reports, 'async-tail-loss', 'latest'))).toMatch(/loss-9$/);
  });

  test('that means nothing is refused with the places that were tried', async () => {
    await expect(found('nobody~9')).rejects.toThrow(
      /^nobody~9: there is no such run, suite or baseline\. .*baselines: none$/,
    );
  });
});
