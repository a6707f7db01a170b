import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { filesInRepository } from '../../../../src/run/archive/list-repository.ts';

const sum = (text: string, how: 'sha1' | 'sha256') => createHash(how).update(text).digest('hex');

test('the files of a repository of pgBackRest have the names of their WAL, and each is held against the checksum in its own', async () => {
  const repository = await mkdtemp(path.join(tmpdir(), 'fp-repository-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(repository, { recursive: true }));
  const folder = path.join(repository, 'archive/lab/15-1');
  await mkdir(path.join(folder, '0000000100000000'), { recursive: true });
  const segment = '000000010000000000000007';
  const put = (name: string, text: string) => writeFile(path.join(folder, name), text);
  await put(`0000000100000000/${segment}-${sum('whole', 'sha1')}`, 'whole');
  await put(`0000000100000000/${segment}.partial-${sum('as sent', 'sha1')}`, 'changed');
  await put('00000002.history', 'history');
  await writeFile(path.join(repository, 'archive/lab/archive.info'), '');
  const file = (name: string, text: string) => {
    return { name, bytes: text.length, sha256: sum(text, 'sha256') };
  };
  expect(await filesInRepository(repository, 'lab')).toEqual([
    { ...file(segment, 'whole'), holds: null, isAsNamed: true },
    { ...file(`${segment}.partial`, 'changed'), isAsNamed: false },
    file('00000002.history', 'history'),
  ]);
});
