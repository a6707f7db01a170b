import { expect, test } from 'vitest';
import { sshLogin } from '../../../src/shells/ssh.ts';

test.each([
  [['ssh', 'root@db1'], 2],
  [['ssh', 'ops@db1', 'sudo', '-n'], 2],
  [['ssh', '-i', 'key', '-o', 'Port=2222', 'ops@db1', 'sudo', '-n'], 6],
  [['/usr/bin/ssh', '-4A', '-p2222', '-vJ', 'jump', 'db1', 'sudo'], 6],
  [['ssh', '-oPort=2222', '--', 'db1', 'sudo'], 4],
])('the login in %j ends with the destination', (argv, words) => {
  expect(sshLogin(argv)).toEqual(argv.slice(0, words));
});
