import { expect, test } from 'vitest';
import { examineProcesses } from '../../../../src/backends/external/examine-processes.ts';
import { localShell } from '../../../../src/shells/local.ts';
import { startPostgres } from '../../../helpers/postgres.ts';

/** Sees only what runs in this network namespace: other tests may have servers there too. */
const machine = { name: 'db1', shell: localShell };
const look = (hasPatroni = false) => examineProcesses(machine, { hasPatroni });

test('a machine with two PostgreSQL servers is refused: a signal would reach both', async () => {
  await using _first = await startPostgres();
  await using _second = await startPostgres();
  const [problem] = await look();
  expect(problem).toMatch(
    /^db1: \d+ PostgreSQL servers run on its machine \(.*signals would reach all/,
  );
});
