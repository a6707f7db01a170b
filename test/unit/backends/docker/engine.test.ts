import { expect, test } from 'vitest';
import { engineError } from '../../../../src/shells/docker/engine.ts';
import { fullDisk } from '../../../../src/backends/docker/full-disk.ts';

/** An error of the engine or its connection -> the advice to the user. */
test.each([
  [{ code: 'EACCES' }, 'connect EACCES /var/run/docker.sock', /usermod -aG docker/],
  [{ code: 'ECONNREFUSED' }, 'connect ECONNREFUSED', /systemctl start docker.*DOCKER_HOST/],
  [{}, 'No such image: forkpoint-cluster:pg17', /npm run docker:image/],
  [{}, 'driver failed: Bind for 127.0.0.1:5432 failed: port is already allocated', /this port/],
  [{}, 'write /var/lib/docker/tmp: no space left on device', /docker system df/],
])('%j, %s: the message says what to do', (facts, message, advice) => {
  const told = engineError('start pg1', Object.assign(new Error(message), facts));
  expect([told.message.startsWith(`start pg1: ${message}. `), advice.test(told.message)]).toEqual([
    true,
    true,
  ]);
});

test.each([
  ['PANIC:  could not write to file "pg_wal/xlogtemp.62": No space left on device', /its wal disk/],
  ['FATAL:  could not write to file "base/5/6110": No space left on device', /its data disk/],
  [
    'pg_basebackup: error: could not write to file "/var/lib/postgresql/wal/pg_wal/000000010000": No space left on device',
    /its wal disk/,
  ],
  [
    "OSError: [Errno 28] No space left on device: '/var/lib/postgresql/disk/data/patroni.dynamic.json'",
    /its data disk/,
  ],
  ["OSError: [Errno 28] No space left on device: '/var/lib/forkpoint/pgpass'", /docker system df/],
  ['write failed: No space left on device', /FORKPOINT_DOCKER_DISK.*docker system df/],
])('%s: the message names the disk', (line, which) => {
  expect(fullDisk('pg2', line, { data: '2.0g', wal: '2.0g' }).message).toMatch(which);
});
