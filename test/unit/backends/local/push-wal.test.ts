import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pushScript } from '../../../../src/backends/local/archive.ts';
import { pushesIn } from '../../../../src/run/archive/list-archive.ts';
import { run } from '../../../../src/std/exec.ts';

const name = '000000010000000000000005';
let root: string;
let archive: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'forkpoint-push-'));
  archive = path.join(root, 'archive');
  for (const folder of ['archive/wal', 'archive/refused']) {
    await mkdir(path.join(root, folder), { recursive: true });
  }
});
afterEach(() => rm(root, { recursive: true }));

/** As PostgreSQL does: in the data directory, with a relative path. The script knows the folder of its lab; here it is another. */
async function push(node: string, content: string, file = 'pg_wal/segment') {
  const data = path.join(root, node, 'disk/data');
  await mkdir(path.join(data, 'pg_wal'), { recursive: true });
  await writeFile(path.join(data, 'pg_wal/segment'), content, { mode: 0o600 });
  const script = pushScript.replaceAll('/run/lab', root);
  const where = file.startsWith('/') ? path.join(root, node) : data;
  return run(['sh', '-c', script, 'sh', file, name, archive], { cwd: where });
}

const pushed = async () => (await pushesIn(archive)).map(({ node, how }) => `${node} ${how}`);

test('a segment is archived whole, and readable for who restores it', async () => {
  expect(await push('pg1', 'one')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await readFile(path.join(archive, 'wal', name), 'utf8')).toBe('one');
  expect((await stat(path.join(archive, 'wal', name))).mode & 0o777).toBe(0o644);
  expect(await readdir(path.join(archive, 'wal'))).toEqual([name]);
  expect(await pushed()).toEqual(['pg1 archived']);
});

test('the same content is taken again, by any node', async () => {
  await push('pg1', 'one');
  expect(await push('pg2', 'one')).toMatchObject({ exitCode: 0 });
  expect(await pushed()).toEqual(['pg1 archived', 'pg2 again']);
});

test('another content is refused each time, kept once, and the first one stays', async () => {
  await push('pg1', 'one');
  const said = `${name} is in the archive with another content`;
  expect(await push('pg2', 'two')).toMatchObject({ exitCode: 1, stderr: said });
  expect(await push('pg2', 'two')).toMatchObject({ exitCode: 1, stderr: said });
  expect(await readFile(path.join(archive, 'wal', name), 'utf8')).toBe('one');
  expect(await readFile(path.join(archive, 'refused', `${name}.pg2`), 'utf8')).toBe('two');
  expect(await pushed()).toEqual(['pg1 archived', 'pg2 refused']);
});

test("Patroni archives by an absolute path, from its own folder: the node's name is the same", async () => {
  await push('pg1', 'one');
  const file = path.join(root, 'pg1/disk/data/pg_wal/segment');
  expect(await push('pg1', 'one', file)).toMatchObject({ exitCode: 0 });
  expect(await pushed()).toEqual(['pg1 archived', 'pg1 again']);
});

test('of two nodes at once one archives its content, and the other is refused', async () => {
  const answers = await Promise.all([push('pg1', 'one'), push('pg2', 'two')]);
  expect(answers.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
  expect((await pushed()).map((line) => line.split(' ')[1]).sort()).toEqual([
    'archived',
    'refused',
  ]);
});

test('an archive that is away fails the command, and nothing is noted', async () => {
  await rm(path.join(archive, 'wal'), { recursive: true });
  expect((await push('pg1', 'one')).exitCode).not.toBe(0);
  expect(await pushed()).toEqual([]);
});
