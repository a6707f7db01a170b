import { expect, test } from 'vitest';
import type { Shell } from '../../../../src/contracts/shell.ts';
import { readContents } from '../../../../src/scenario/own-patroni/contents.ts';

const answer = `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)
patroni 3.0.2
--forkpoint--
pg_stat_statements.so
--forkpoint--
C.utf8
--forkpoint--
work_mem
--forkpoint--
/usr/bin/logger
`;

test('what a machine has is read in one command, each answer by its own name', async () => {
  const shell: Shell = {
    description: 'a machine',
    run: () => Promise.resolve({ exitCode: 0, stdout: answer, stderr: '' }),
    open: () => Promise.reject(new Error('nothing is opened')),
  };
  const found = await readContents(
    { shell, method: 'trust' },
    { programs: ['/usr/bin/logger', 'wal-g'], parameters: ['work_mem', 'io_method'] },
  );
  expect(found).toMatchObject({ postgres: '15.20', patroni: '3.0.2' });
  expect([found.hasProgram('/usr/bin/logger'), found.hasProgram('wal-g')]).toEqual([true, false]);
  expect([found.hasParameter('Work_Mem'), found.hasParameter('io_method')]).toEqual([true, false]);
  expect([found.hasLibrary('$libdir/pg_stat_statements'), found.hasLibrary('bg_mon')]).toEqual([
    true,
    false,
  ]);
  expect([found.hasLocale('C.UTF-8'), found.hasLocale('de_DE.UTF-8')]).toEqual([true, false]);
});
