import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { replan } from '../../../../src/scenario/plan/replan.ts';
import { planSchema } from '../../../../src/evidence/store/plan-schema.ts';

const registry = await loadRegistry();
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'shop.yaml');
const sql = '-- @transaction a\nDELETE FROM t WHERE id = :seq;\n';
writeFileSync(path.join(folder, 'good.sql'), sql);
writeFileSync(
  path.join(folder, 'bad.sql'),
  '-- @transaction a\nDELETE FROM t\n WHERE id = :id;\nCOMMIT;\n',
);
writeFileSync(path.join(folder, 'binary.sql'), Buffer.from([65, 0, 66]));
writeFileSync(path.join(folder, 'latin1.sql'), Buffer.from([0xe4, 0x41]));

const parse = (load: string) =>
  parseScenario(
    `name: shop\nclaim: x\nload: { workload: custom, duration: 5s, ${load} }\nexpect: { lost: 0 }\n`,
    {
      file,
      registry,
    },
  );

test('a plan holds the text and the digest of an SQL file, and is run again without the file', () => {
  const { load } = parse('file: ./good.sql');
  expect({ params: load.params, files: load.files }).toEqual({
    params: { file: './good.sql' },
    files: {
      file: {
        name: path.join(folder, 'good.sql'),
        text: sql,
        sha256: '392b27d90cef45da06fe097de6a1d1b0001b5e68e17f8598beeddbaff836dcba',
      },
    },
  });
});

test('a plan whose SQL was changed since, as a bundle masks secrets, is not run again', () => {
  const plan = planScenario(parse('file: good.sql'), { seed: 1, backend: 'local', registry });
  const stored = planSchema.parse(JSON.parse(JSON.stringify(plan)));
  expect(replan(stored, { registry })).toEqual(plan);
  const { load } = plan.scenario;
  const files = { file: { ...load.files!.file!, text: `${sql} ` } };
  const masked = { ...plan, scenario: { ...plan.scenario, load: { ...load, files } } };
  expect(() => replan(masked, { registry })).toThrow(
    'good.sql: its text in the plan is not the one that ran (a bundle masks secrets): run the scenario with the file itself',
  );
});

test.each([
  ['', 'shop.yaml:3:7: load.file: is missing'],
  ['file: none.sql', 'shop.yaml:3:47: load.file: FOLDER/none.sql: there is no such file'],
  [
    'file: binary.sql',
    'shop.yaml:3:47: load.file: FOLDER/binary.sql: is not text: it has a zero byte',
  ],
  ['file: latin1.sql', 'shop.yaml:3:47: load.file: FOLDER/latin1.sql: is not text in UTF-8'],
  ['file: .', 'shop.yaml:3:47: load.file: FOLDER: is a directory'],
  [
    'file: bad.sql',
    'FOLDER/bad.sql:3:13: :id has no generator: declare it in a line such as -- @param id range(1, 100)\n' +
      'FOLDER/bad.sql:4:1: leave out COMMIT: Forkpoint begins and commits the transaction',
  ],
  [
    'file: good.sql, mix: { insert: 50, delete: 50 }, batch: 10',
    "shop.yaml:3:57: load: mix: is without effect: the workload 'custom' does not use it\n" +
      "shop.yaml:3:90: load: batch: is without effect: the workload 'custom' does not use it",
  ],
])('%s is refused before anything boots, with the position', (load, expected) => {
  let message = '';
  try {
    parse(load);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.replaceAll(`${folder}/shop`, 'shop').replaceAll(folder, 'FOLDER')).toBe(expected);
});
