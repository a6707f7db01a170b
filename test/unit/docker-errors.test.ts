import { expect, test } from 'vitest';
import { engineError } from '../../src/backends/docker/engine.ts';

/** What the engine or the way to it says -> what a person is to do about it. */
test.each([
  [{ code: 'EACCES' }, 'connect EACCES /var/run/docker.sock', /usermod -aG docker/],
  [{ code: 'ECONNREFUSED' }, 'connect ECONNREFUSED', /systemctl start docker.*DOCKER_HOST/],
  [{}, 'No such image: forkpoint-cluster:pg17', /npm run docker:image/],
  [{}, 'driver failed: Bind for 127.0.0.1:5432 failed: port is already allocated', /this port/],
  [{}, 'write /var/lib/docker/tmp: no space left on device', /docker system df/],
])('%j, %s: the error says what to do', (facts, message, advice) => {
  const told = engineError('start pg1', Object.assign(new Error(message), facts));
  expect([told.message.startsWith(`start pg1: ${message}. `), advice.test(told.message)]).toEqual([
    true,
    true,
  ]);
});
