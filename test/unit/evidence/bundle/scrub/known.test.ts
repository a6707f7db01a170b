import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodedAnywhere } from '../../../../../src/evidence/bundle/scrub/encoded.ts';
import { knownSecrets } from '../../../../../src/evidence/bundle/scrub/known.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-known-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const known = (variables: Readonly<Record<string, string>>) =>
  knownSecrets(folder, {
    PGPASSFILE: path.join(folder, 'none'),
    PGSERVICEFILE: path.join(folder, 'none'),
    ...variables,
  });

const masked = async (secret: string, text: string) =>
  encodedAnywhere(await known({ PGPASSWORD: secret }), () => undefined)(text);

describe('a secret of a variable is replaced wherever it stands', () => {
  test.each([
    ['12345678', 'with 12345678: denied', 'with ***: denied'],
    ['123456', "PASSWORD='123456'", "PASSWORD='***'"],
    ['123456', '{"said":"123456"}', '{"said":"***"}'],
    ['123456', 'app:123456@pg1 and a%3A123456%40b', 'app:***@pg1 and a%3A***%40b'],
    ['hunter', 'tried hunter, and "hunter"', 'tried ***, and "***"'],
    ['hunter', String.raw`"first\nhunter\n"`, String.raw`"first\n***\n"`],
    ['hunter', 'aHVudGVy', '***'],
    ['dragonfly', 'postgres://app:dragonfly@pg1', 'postgres://app:***@pg1'],
    ['s3cr3t', 'xs3cr3tx', 'x***x'],
  ])('%s in %s', async (secret, text, expected) => {
    expect(await masked(secret, text)).toBe(expected);
  });
});

describe('digits and words within longer ones stay', () => {
  test.each([
    ['123456', 'a1234567 0123456 1.123456 123456.7 0/123456'],
    ['123456', '{"atMs":123456,"of": 123456,"all":[1,123456,2]}'],
    ['hunter', 'hunters headhunter my_hunter'],
  ])('%s in %s', async (secret, text) => {
    expect(await masked(secret, text)).toBe(text);
  });
});

test('words that every log has are no secrets, nor is what is shorter than 6 characters', async () => {
  const values = ['postgres', 'Password', 'replicator', 'patroni', 'forkpoint', 'admin', '12345'];
  for (const value of values) expect(await known({ DB_PASSWORD: value })).toEqual([]);
});

test('keys of lab.json, and addresses in variables of any name, are known as well', async () => {
  const lab = path.join(folder, 'lab.json');
  writeFileSync(
    lab,
    JSON.stringify({
      credentials: { user: 'walrus', password: 'sesame' },
      pin: 'host=pg1 password=crocus',
    }),
  );
  const found = await known({ DATABASE: 'postgres://app:tortoise@pg1/db', EDITOR: 'nothing' });
  rmSync(lab);
  expect([...new Set(found)].sort()).toEqual(['crocus', 'sesame', 'tortoise']);
});
