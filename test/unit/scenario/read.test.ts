import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ScenarioError } from '../../../src/std/errors.ts';
import { readScenarioFile } from '../../../src/scenario/read.ts';
import { scenarioRegistry as registry, scenarioText } from '../../helpers/scenario-registry.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-scenarios-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function failureOf(nameOrPath: string): Promise<string> {
  const failure = await readScenarioFile(nameOrPath, { registry, folder }).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ScenarioError);
  return (failure as Error).message;
}

test('a bare name is a shipped scenario, a path is that file', async () => {
  const file = path.join(folder, 'calm.yaml');
  await writeFile(file, scenarioText());
  const byName = await readScenarioFile('calm', { registry, folder });
  const byPath = await readScenarioFile(file, { registry, folder, set: ['name=other'] });
  expect([byName.name, byName.file, byPath.name]).toEqual(['x', file, 'other']);
});

test('an unknown name is answered with the nearest one, or with all if none is near', async () => {
  await writeFile(path.join(folder, 'partition-5s.yaml'), '');
  await writeFile(path.join(folder, 'flapping.yaml'), '');
  await writeFile(path.join(folder, 'schema.json'), '');
  expect(await failureOf('partition-6s')).toBe(
    `there is no scenario 'partition-6s' in ${folder}; did you mean 'partition-5s'? All there are: ${folder}/*.yaml`,
  );
  expect(await failureOf('nothing-like-it')).toBe(
    `there is no scenario 'nothing-like-it' in ${folder}. Known: flapping, partition-5s`,
  );
});

test.each<[string, string | Buffer, string]>([
  [
    'empty.yaml',
    '',
    ':1:1: the file is empty; a scenario is a mapping with name, claim, cluster, load, faults and expect',
  ],
  ['big.yaml', 'a: b\n'.repeat(2 * 1024 * 1024), ': has 10.0MB; a scenario has at most 1MB'],
  ['binary.yaml', Buffer.from([0x6e, 0x61, 0, 1]), ': is not text: byte 2 is zero'],
  ['latin1.yaml', Buffer.from([0x6e, 0xe9, 0x0a]), ': is not text in UTF-8'],
])('%s is refused with its reason', async (name, content, message) => {
  const file = path.join(folder, name);
  await writeFile(file, content);
  expect(await failureOf(file)).toBe(`${file}${message}`);
});

test('a path that is not a file is refused', async () => {
  await mkdir(path.join(folder, 'suites'));
  const suites = path.join(folder, 'suites');
  expect(await failureOf(`${suites}/`)).toBe(
    `${suites}: is a directory; name one scenario file in it`,
  );
  expect(await failureOf('/dev/zero')).toBe('/dev/zero: is not a file');
  expect(await failureOf(path.join(folder, 'none.yaml'))).toBe(
    `${folder}/none.yaml: cannot be read: there is no such file`,
  );
});
