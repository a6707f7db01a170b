import { expect, test } from 'vitest';
import type { ClusterBackend } from '../../../src/contracts/backend.ts';
import type { CopyServer } from '../../../src/contracts/copy-server.ts';
import { copyServerFor } from '../../../src/salvage/copy-servers.ts';
import { EnvironmentError } from '../../../src/std/errors.ts';

/** No host has it. */
const version = '3';
const copyServer: CopyServer = { where: 'a container', start: () => Promise.reject(new Error()) };

function backendsWith(
  one: Partial<ClusterBackend>,
  other: Partial<ClusterBackend>,
): { readonly backends: ReadonlyMap<string, ClusterBackend> } {
  return {
    backends: new Map([
      ['one', one as ClusterBackend],
      ['other', other as ClusterBackend],
    ]),
  };
}

const has = (where: string) => ({ copyServer: () => Promise.resolve({ ...copyServer, where }) });
const lacks = (what: string) => ({
  copyServer: () => Promise.reject(new EnvironmentError(what)),
});

test("a copy is started by its run's own backend first, and by another where neither that nor this host can", async () => {
  const both = backendsWith(has('first'), has('second'));
  expect((await copyServerFor({ version }, both, 'other')).where).toBe('second');
  const elsewhere = backendsWith(has('first'), {});
  expect((await copyServerFor({ version }, elsewhere, 'other')).where).toBe('first');
  const gone = backendsWith(has('first'), lacks('the image is gone'));
  expect((await copyServerFor({ version }, gone, 'other')).where).toBe('first');
});

test('where nothing starts a copy the error says what each lacks', async () => {
  const none = backendsWith(lacks('no image'), {});
  await expect(copyServerFor({ version }, none, 'other')).rejects.toThrow(
    /nothing here starts a copy of PostgreSQL 3: no PostgreSQL 3 on this host \(looked in .*\): install postgresql-3; no image$/,
  );
});
