import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { ExecResult, Shell, ShellKind } from '../contracts/shell.ts';
import { EnvironmentError } from '../std/errors.ts';
import { shellQuoted } from '../std/shell-quoted.ts';
import { commandShell } from './support/command-shell.ts';

const params = z.strictObject({
  destination: z
    .string()
    .min(1)
    .describe('as ssh takes it: root@db1, or a Host of its configuration'),
  options: z.array(z.string()).default([]).describe("more of ssh's options"),
});
export type SshParams = z.infer<typeof params>;

/** The user's own OpenSSH client, with its configuration, keys and known hosts. */
const ssh: ShellKind<SshParams> = {
  summary: "Runs commands on another machine through the user's OpenSSH client.",
  params,
  example: { destination: 'root@127.0.0.1' },
  make: ({ destination, options }) => sshShell(['ssh', ...options, destination]),
};

/**
 * `argv` is the user's own command line of ssh, without a command, or with the beginning of one such as sudo. One connection
 * per destination is shared: a new one takes as long as a fault. It never asks: a password or an unknown host key is an error.
 */
export function sshShell(argv: readonly string[]): Shell {
  const [program = 'ssh', ...rest] = argv;
  const description = argv.join(' ');
  return commandShell(description, [program, ...sharedConnection(rest), ...rest], {
    // The far side joins its arguments with spaces and gives them to a shell.
    wrap: (command) => [command.map(shellQuoted).join(' ')],
    isFar: true,
    refusal: (result) => connectionError(description, result),
  });
}

/** Of OpenSSH's options, those that are followed by a value. Source: ssh(1), 9.2. */
const withValue = /^-[46AaCfGgKkMNnqsTtVvXxYy]*[BbcDEeFIiJLlmOoPpQRSWw]$/;

/** The login alone, without the beginning of a command (sudo) behind the destination. */
export function sshLogin(argv: readonly string[]): readonly string[] {
  let at = 1;
  while (argv[at]?.startsWith('-') === true) {
    if (argv[at] === '--') return argv.slice(0, at + 2);
    at += withValue.test(argv[at] ?? '') ? 2 : 1;
  }
  return argv.slice(0, at + 1);
}

/** ssh's own failures have exit code 255. Source: ssh(1), EXIT STATUS. */
function connectionError(description: string, { exitCode, stderr }: ExecResult) {
  if (exitCode !== 255) return undefined;
  const said = stderr.trim();
  const remedy = remedies.find(([pattern]) => pattern.test(said))?.[1] ?? '';
  return new EnvironmentError(`${description}: ${said || 'the connection broke'}${remedy}`);
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /Permission denied/,
    '; Forkpoint never types a password: let a key in (ssh-copy-id), or start ssh-agent for one with a passphrase',
  ],
  [
    /Host key verification failed|host key is known/,
    '; connect once by hand and compare the key with the one on the machine',
  ],
  [/Could not resolve/, '; check the name, or give it a HostName in ~/.ssh/config'],
  [/refused|timed out|No route/, '; check that sshd runs there and that this host may reach it'],
];

let folder: string | undefined;

/** Gone with this process; the connections in it close by themselves when they were idle for a while. */
function socketFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'fp-ssh-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** %C is short: a socket's path is at most 107 characters long. ssh takes the first value that it is given. */
function sharedConnection(given: readonly string[]): readonly string[] {
  folder ??= socketFolder();
  const fixed = {
    ControlMaster: 'auto',
    ControlPath: `${folder}/%C`,
    ControlPersist: '30',
    BatchMode: 'yes',
  };
  const preferred = { ConnectTimeout: '10', ServerAliveInterval: '5', ServerAliveCountMax: '3' };
  const left = Object.entries(preferred).filter(
    ([name]) => !given.some((word) => word.toLowerCase().includes(name.toLowerCase())),
  );
  return [...Object.entries(fixed), ...left].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

export default ssh;
