import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect } from '../../../src/evidence/bundle/collect.ts';
import { journalPath, journalRecords } from '../../../src/evidence/journal/journal.ts';
import { lostOperations } from '../../../src/evidence/journal/lost-operations.ts';
import { storedLostRanges, writeLostRanges } from '../../../src/evidence/store/lost-ranges.ts';
import { readResult } from '../../../src/evidence/store/read-result.ts';
import { writeJudgement } from '../../../src/evidence/store/write-reports.ts';
import { outcomeDifferences } from '../../../src/history/same-outcome.ts';
import { judge, type Judgement } from '../../../src/judge/judge.ts';
import { judgeCell } from '../../../src/matrix/judge-cell.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { lossSummaryOf } from '../../../src/std/units/loss-summary.ts';
import { storeScatteredRun } from '../../helpers/scattered-run.ts';
import { storeRun } from '../../helpers/stored-run.ts';

const lost = 320_000;
const writers = 64;
const file = 'lost-ranges.jsonl';
let directory: string;
let judgement: Judgement;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'forkpoint-scattered-'));
  await storeScatteredRun(directory, { lost, writers });
  const registry = await loadRegistry();
  judgement = await judge(directory, registry);
  await writeJudgement(directory, judgement, registry);
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

const textOf = (name: string) => readFile(path.join(directory, name), 'utf8');

describe('320,000 lost writes, each a range of its own', () => {
  test('are judged, and the result names the first 1,000, their number and the file that has all', async () => {
    const result = await readResult(directory);
    expect(result.status).toBe('pass');
    expect(result.writes.lost).toBe(lost);
    expect(result.lostRanges).toHaveLength(1_000);
    expect(result.lossPattern).toEqual({ kind: 'periodic', modulus: 2, remainder: 1 });
    expect(result.lossSummary).toEqual({
      ranges: lost,
      file,
      places: [
        {
          node: 'pg1',
          timeline: 1,
          cause: 'forked',
          ranges: lost,
          writes: lost,
          ackedAtMs: [4.648, 8_999.25],
          lsn: ['0/3005000', '0/5713FC0'],
        },
      ],
      isBeyondPromise: false,
    });
  });

  test('stand in the file one a line, the first ones as in the result', async () => {
    const lines = (await textOf(file)).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(lost);
    const { lostRanges } = judgement.result;
    expect(lines.slice(0, 1_000).map((line) => JSON.parse(line) as unknown)).toEqual(lostRanges);
  });

  test('are counted by every report that lists some, with the file that has all', async () => {
    expect(await textOf('summary.txt')).toContain(`and 319,992 more ranges, all in ${file}`);
    expect(await textOf('report.html')).toContain(
      `Shown: the first 200 of 320,000 ranges, all in ${file}; result.json names the first 1,000.`,
    );
    const sentence =
      'Lost 320,000 of 640,256 acknowledged writes: all on pg1, timeline 1, past fork';
    for (const report of ['summary.txt', 'report.html', 'report.md', 'junit.xml']) {
      expect(await textOf(report)).toContain(sentence);
    }
  });

  test('are what history --lost prints, all of them and none besides', async () => {
    const result = await readResult(directory);
    const isLost = lostOperations(storedLostRanges(directory, result));
    const shown = { count: 0, isEven: false };
    for (const record of journalRecords(journalPath(directory, 0))) {
      if (!isLost(record)) continue;
      shown.count++;
      shown.isEven ||= record.seq % 2 === 0;
    }
    expect(shown).toEqual({ count: lost, isEven: false });
  }, 60_000);

  test('are as many for a matrix cell and a replay as for the result', () => {
    const { result } = judgement;
    expect(judgeCell(result).observed).toMatchObject({ lost, lostSpanMs: 8_994.602 });
    expect(outcomeDifferences(result, { ...result })).toEqual([]);
  });

  test('go into a bundle as they are', async () => {
    const { files } = await collect(directory);
    expect(files.find(({ name }) => name === file)?.kind).toBe('ranges');
  });

  test('are not listed from a file that is not there, is cut or is of another result', async () => {
    const result = await readResult(directory);
    const list = (folder: string) => () => storedLostRanges(folder, result).toArray();
    const other = await mkdtemp(path.join(tmpdir(), 'forkpoint-scattered-'));
    expect(list(other)).toThrow(/lost-ranges\.jsonl: is not there, and result\.json names 1000 of/);
    const [first = ''] = (await textOf(file)).split('\n');
    await writeFile(path.join(other, file), `${first}\n`);
    expect(list(other)).toThrow('has 1 lost ranges, and by result.json there are 320000');
    await writeFile(path.join(other, file), first.slice(0, 40));
    expect(list(other)).toThrow('its last line is cut');
    await writeFile(path.join(other, file), '{"writer":-1}\n');
    expect(list(other)).toThrow('line 1: writer');
    await rm(other, { recursive: true });
  });

  test('judged again with events of later are the same but for what these tell', async () => {
    const { result } = judgement;
    const end = { type: 'phase', phase: 'teardown', atMs: 12_000 } as const;
    const again = await judgement.again([
      { ...end, edge: 'begin' },
      { ...end, edge: 'end', atMs: 12_500 },
    ]);
    const phases = { ...result.phases, teardownMs: 500 };
    expect(again.result).toEqual({ ...result, phases, durationMs: 12_500 });
    expect(again.lostRanges).toBe(judgement.lostRanges);
  });
});

test('a result that names all its lost ranges has no such file, and one of before goes', async () => {
  const few = await mkdtemp(path.join(tmpdir(), 'forkpoint-few-'));
  try {
    await writeFile(path.join(few, file), 'of an earlier judgement');
    await storeRun(few);
    const result = await readResult(few);
    expect(lossSummaryOf(result)).toMatchObject({ ranges: 1, file: null });
    await writeLostRanges(few, result, result.lostRanges);
    const { files } = await collect(few);
    expect(files.map(({ name }) => name)).not.toContain(file);
    expect(storedLostRanges(few, result).toArray()).toEqual(result.lostRanges);
  } finally {
    await rm(few, { recursive: true });
  }
});
