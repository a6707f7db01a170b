import { mkdtempSync, rmSync, truncateSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  mostBytes,
  mostValueCharacters,
  type ObservationLine,
} from '../../../../src/evidence/observations/format.ts';
import { ObservationLines } from '../../../../src/evidence/observations/lines.ts';
import { readObservations } from '../../../../src/evidence/store/read-observations.ts';
import { ScenarioError } from '../../../../src/std/errors.ts';

const run = { runId: 'r1', originMs: 1000, readers: 2 };
const line: ObservationLine = {
  reader: 1,
  read: 'total',
  node: 'pg2',
  sentUs: 2500,
  answeredUs: 4000,
  value: { found: '100' },
};
const head = '{"schemaVersion":1,"runId":"r1"}';
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'fp-observed-'));
  mkdirSync(path.join(directory, 'observations'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const fileOf = (name = '0.jsonl') => path.join(directory, 'observations', name);
const write = (lines: readonly unknown[], name?: string) =>
  writeFileSync(
    fileOf(name),
    lines.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''),
  );

/** What a worker writes with this share of the size. */
async function written(lines: readonly ObservationLine[], shareBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  const sink = {
    name: 'test',
    write: (bytes: Buffer) => Promise.resolve(void parts.push(bytes)),
    close: () => Promise.resolve(),
  };
  const file = new ObservationLines(sink, 'r1', shareBytes);
  for (const each of lines) file.add(each);
  await file.close();
  return Buffer.concat(parts);
}

test('what workers write is read in order of sending, in milliseconds since the start of the run', async () => {
  writeFileSync(fileOf('0.jsonl'), await written([line], mostBytes));
  const failed = { ...line, reader: 0, node: null, sentUs: 10, value: undefined, problem: 'down' };
  writeFileSync(fileOf('1.jsonl'), await written([failed as never], mostBytes));
  expect(await readObservations(directory, run)).toEqual({
    observations: [
      { reader: 0, read: 'total', node: null, sentMs: 1000.01, answeredMs: 1004, problem: 'down' },
      {
        reader: 1,
        read: 'total',
        node: 'pg2',
        sentMs: 1002.5,
        answeredMs: 1004,
        value: { found: '100' },
      },
    ],
    missing: [],
  });
});

test('a worker stays below its share of the size, and the reading says that some are missing', async () => {
  const bytes = await written(Array<ObservationLine>(100).fill(line), 1_000);
  expect(bytes.length).toBeLessThanOrEqual(1_000);
  writeFileSync(fileOf(), bytes);
  const { observations = [], missing } = (await readObservations(directory, run)) ?? {};
  expect(observations.length).toBeGreaterThan(3);
  expect(missing).toEqual(['0.jsonl reached its largest size, and its readers stopped']);
});

test('half a line, an empty file and no file are missing observations, and a load without readers has none', async () => {
  write([head, line]);
  writeFileSync(fileOf('1.jsonl'), `${head}\n{"reader":0,`);
  writeFileSync(fileOf('2.jsonl'), '');
  const found = await readObservations(directory, run);
  expect(found?.observations).toHaveLength(1);
  expect(found?.missing).toEqual(['1.jsonl ends in half a line', '2.jsonl is empty']);
  expect(await readObservations(`${directory}/none`, run)).toEqual({
    observations: [],
    missing: ['the readers left no file'],
  });
  expect(await readObservations(directory, { ...run, readers: 0 })).toBeUndefined();
});

test.each([
  ['another run', ['{"schemaVersion":1,"runId":"r2"}'], /is of run r2, not r1/],
  ['a later version', ['{"schemaVersion":2,"runId":"r1"}'], /schema version 2/],
  ['no head', [line], /line 1: schemaVersion/],
  ['no observation', [head, 'x'], /line 2/],
  ['value and problem', [head, { ...line, problem: 'x' }], /either a value or a problem/],
  ['an answer before its question', [head, { ...line, answeredUs: 1 }], /answered before/],
  ['a time beyond any run', [head, { ...line, answeredUs: 1e18 }], /line 2: answeredUs/],
  ['a reader beyond any', [head, { ...line, reader: 1e9 }], /line 2: reader/],
  ['a value beyond the limit', [head, { ...line, value: 'x'.repeat(1_000) }], /value: is too long/],
  ['a line beyond any', [head, { ...line, value: 'x'.repeat(1e6) }], /line 2/],
  ['a nest of lists', [head, `{"value":${'['.repeat(2990)}${']'.repeat(2990)}}`], /line 2/],
  ['full before its end', [head, { full: true }, line], /line 2/],
])('%s is refused with the file', async (_title, lines, message) => {
  write(lines);
  const reading = readObservations(directory, run);
  await expect(reading).rejects.toThrow(ScenarioError);
  await expect(reading).rejects.toThrow(message);
});

test('files larger than any run writes are refused before they are read', async () => {
  write([head]);
  truncateSync(fileOf(), mostBytes + 1);
  await expect(readObservations(directory, run)).rejects.toThrow(/33554433 bytes/);
});

test('the longest value fits', async () => {
  write([head, { ...line, value: 'x'.repeat(mostValueCharacters - 2) }]);
  expect((await readObservations(directory, run))?.observations).toHaveLength(1);
});
