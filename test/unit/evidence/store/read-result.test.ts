import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../../../src/contracts/result.ts';
import { annotations } from '../../../../src/render/github.ts';
import { readResult } from '../../../../src/evidence/store/read-result.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { checkResult, renderResultSchema } from '../../../../src/evidence/store/result-schema.ts';
import { writeReports } from '../../../../src/evidence/store/write-reports.ts';
import { losing, passing, unjudged, withTimeline } from '../../../helpers/sample-results.ts';

/** Fields that the first version lacked. */
const later = [
  'knownDefect',
  'configuration',
  'timeline',
  'durability',
  'rejoins',
  'staleHolders',
  'folder',
  'replayOf',
  'plan',
];
/** A list that earlier versions did not have is read as empty. */
const lists = ['notes'];
/** Fields whose meaning the first version had in words. */
const inWords = ['overrides', 'isInterrupted'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-stored-'));
});
afterAll(() => rm(folder, { recursive: true }));

const stored = (value: unknown) => writeFile(path.join(folder, 'result.json'), text(value));
const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

describe('a stored result', () => {
  test.each([
    ['passing', passing],
    ['losing', losing],
    ['unjudged', unjudged],
    ['with a timeline', withTimeline],
  ])('%s matches the schema', (_name, result) => {
    expect(checkResult(JSON.parse(JSON.stringify(result)))).toEqual({
      result: JSON.parse(JSON.stringify(result)) as Result,
    });
  });

  test('is rendered again byte for byte in every format', async () => {
    const registry = await loadRegistry();
    await writeReports(folder, withTimeline, registry);
    const files = [...registry.reporters.values()].map(({ fileName }) =>
      path.join(folder, fileName),
    );
    const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await writeReports(folder, await readResult(folder), registry);
    const after = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(after).toEqual(before);
  });

  test('of a version without the timeline field is rendered as well', async () => {
    const older: Partial<Result> = { ...passing };
    for (const key of [...later, ...lists]) Reflect.deleteProperty(older, key);
    await stored(older);
    expect(await readResult(folder)).toEqual({
      ...passing,
      ...Object.fromEntries(later.map((key) => [key, null])),
      ...Object.fromEntries(lists.map((key) => [key, []])),
    });
  });

  test('of a version that said it in words alone has the overrides, the interruption and the demand', async () => {
    const [lost] = passing.checks;
    const older: Partial<Result> = {
      ...passing,
      reproduce: `npm run scenario x -- --seed 1 --set load.duration=5s --set 'expect.lost=>= 1' --set 'a='\\''b'\\''' --image 'postgres:17'`,
      problems: ['the run was interrupted'],
      checks: [
        { ...lost!, summary: 'acknowledged writes lost: 2 (demanded: >= 1)' },
        { ...lost!, check: 'unexpected', summary: 'unexpected writes: 2 (demanded: >= 1)' },
      ],
    };
    for (const key of inWords) Reflect.deleteProperty(older, key);
    for (const check of older.checks!) Reflect.deleteProperty(check, 'demand');
    await stored(older);
    const { overrides, isInterrupted, checks } = await readResult(folder);
    expect({ overrides, isInterrupted, demands: checks.map(({ demand }) => demand) }).toEqual({
      overrides: ["a='b'", 'expect.lost=>= 1', 'image=postgres:17', 'load.duration=5s'],
      isInterrupted: true,
      demands: [{ kind: 'count', op: '>=', value: 1 }, null],
    });
  });

  test('keeps the fields it has, whatever its words say', async () => {
    const [lost] = passing.checks;
    const written: Result = {
      ...passing,
      overrides: ['a=1'],
      reproduce: 'npm run scenario x -- --set b=2',
      problems: ['the run was interrupted'],
      checks: [{ ...lost!, demand: { kind: 'count', op: '<', value: 5 } }],
    };
    await stored(written);
    expect(await readResult(folder)).toEqual(written);
  });

  test.each([
    [
      'edited by hand',
      { ...passing, writes: { ...passing.writes, lost: 'none' } },
      'writes.lost: ',
    ],
    ['with a part cut out', { ...passing, outage: undefined }, 'outage: '],
    [
      'of a later version',
      { ...passing, schemaVersion: 2 },
      'schema version 2; this Forkpoint reads',
    ],
    ['of no version', [], 'schema version none'],
    ['torn', '{"schemaVersion": 1, "sce', 'is not JSON'],
  ])('%s is refused, with the position and what to do', async (_what, value, said) => {
    await stored(value);
    await expect(readResult(folder)).rejects.toThrow(said);
  });

  test('that is missing is reported with the command that makes it', async () => {
    await expect(readResult(path.join(folder, 'nowhere'))).rejects.toThrow('`forkpoint judge`');
  });
});

test('the JSON Schema of results requires every field of the first version', () => {
  const schema = JSON.parse(renderResultSchema()) as { readonly required: readonly string[] };
  const fields = Object.keys(passing).filter(
    (key) => ![...later, ...lists, ...inWords].includes(key),
  );
  expect([...schema.required].sort()).toEqual(fields.sort());
});

test('annotations have one line each, whatever the text, and name the failed demands', () => {
  const hostile = {
    ...losing,
    scenario: 'a:b,c\n::error::x',
    checks: [{ ...losing.checks[0]!, summary: '100%\nlost' }],
  };
  const lines = annotations(hostile).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^::error title=a%3Ab%2Cc%0A%3A %3Aerror%3A%3Ax%3A fail::Lost 2,000 of/);
  expect(lines[1]).toBe('::error title=a%3Ab%2Cc%0A%3A %3Aerror%3A%3Ax%3A lost::100%25%0Alost');
});
