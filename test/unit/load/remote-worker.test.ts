import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { Shell } from '../../../src/contracts/shell.ts';
import { loadWorkload, remoteSource } from '../../../src/load/workload-source.ts';
import { localShell } from '../../../src/shells/local.ts';
import { startTestLoad } from '../../helpers/load.ts';
import { startPostgres } from '../../helpers/postgres.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const fileOf = (name: string) => pathToFileURL(path.join(root, name)).href;

/** A machine where `forkpoint` is installed. */
const elsewhere: Shell = {
  description: 'another machine',
  run: (argv, options) => localShell.run(argv, options),
  open: ([program, ...argv]) => {
    expect(program).toBe('forkpoint');
    return localShell.open([process.execPath, path.join(root, 'src/bin.js'), ...argv]);
  },
};

test('a worker elsewhere is `forkpoint worker`, and drives the load as one here does', async () => {
  await using server = await startPostgres({ parameters: { fsync: 'off' } });
  await using test = await startTestLoad(server, {
    client: { shell: elsewhere, isRemote: true },
    durationMs: 1_500,
    clients: 2,
    workers: 1,
  });
  await test.load.done;
  expect(test.load.stats.acknowledged).toBeGreaterThan(0);
  expect(test.load.stats).toMatchObject({ indeterminate: 0, failed: 0 });
});

test('a shipped workload goes by its name, and one of your own by its contents', async () => {
  expect(remoteSource('ledger', fileOf('src/workloads/ledger.ts'))).toEqual({
    kind: 'shipped',
    name: 'ledger',
  });
  const own = remoteSource('transfers', fileOf('docs/examples/extensions/workloads/transfers.ts'));
  expect(own).toMatchObject({ kind: 'contents', name: 'transfers' });
  // Nothing but its text arrives there.
  const { summary, tracking } = await loadWorkload(own);
  expect([summary, tracking]).toEqual([expect.stringContaining('money moved'), 'witness']);
});
