import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { tagControl } from '../../../src/machine/tags.ts';
import { localShell } from '../../../src/shells/local.ts';
import { refusalOfSteps } from '../../helpers/refusal-of-steps.ts';

const tagged = '{ members: { pg2: { tags: { nofailover: true } } } }';

test.each(['switchover', 'failover'])(
  'a %s to a node whose tag forbids it is refused, unless that is expected or a step changes tags',
  (fault) => {
    const step = `at: 5s, fault: ${fault}, candidate: pg2`;
    expect(refusalOfSteps([step], tagged)).toBe(
      `x.yaml:5:${40 + fault.length}: faults[0].candidate: pg2 is tagged nofailover, so Patroni refuses it; take the tag away, or write expect: refused`,
    );
    expect(refusalOfSteps([`${step}, expect: refused`], tagged)).toBeUndefined();
    expect(refusalOfSteps([step.replace('pg2', 'pg3')], tagged)).toBeUndefined();
    const away = 'at: 1s, fault: set-tags, target: pg2, tags: { nofailover: null }';
    expect(refusalOfSteps([step, away], tagged)).toBeUndefined();
  },
);

test.each([
  ['{}', 'must change something'],
  ['{ nofailover: 3 }', 'faults[0].tags.nofailover: must be true, false or null'],
  ['{ replicatefrom: pg9 }', "faults[0].tags.replicatefrom: there is no node 'pg9'"],
  ['{ clonefrom: [1] }', 'must be true, false, a number, text, or null'],
])('set-tags with %s is refused before anything boots', (tags, why) => {
  const said = refusalOfSteps([`at: 1s, fault: set-tags, target: pg2, tags: ${tags}`]);
  expect(said).toMatch(/^x\.yaml:5:\d+: faults\[0\]/);
  expect(said).toContain(why);
});

test('two steps that change the tags of one node at a time are refused', () => {
  const step = 'fault: set-tags, target: pg2, tags: { nosync: true }, for: 10s';
  const said = refusalOfSteps([`at: 1s, ${step}`, `at: 5s, ${step}`]);
  expect(said).toContain('takes the tags of its target, which set-tags#1 has taken since 1s');
});

test('a file without its Patroni is changed in place, named as the reason, and put back to the byte', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-tags-'));
  try {
    const file = path.join(folder, 'patroni.yml');
    const before = '{ "name": "pg1", "tags": { "clonefrom": true, "rack": "a" } }\n';
    await writeFile(file, before);
    const tags = tagControl({ name: 'pg1', shell: localShell, file });
    const change = tags.set('set-tags#1', { nofailover: true, clonefrom: null });
    await expect(change).rejects.toThrow('no process of patroni was found');
    expect(await tags.read()).toEqual({ rack: 'a', nofailover: true });
    await tags.restore('set-tags#1');
    await tags.restore('set-tags#1');
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(folder)).toEqual(['patroni.yml']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
