import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Shell, ShellKind } from '../contracts/shell.ts';
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
 * `argv` is the user's own command line of ssh, without a command. One connection per destination is shared: a new one takes
 * as long as a fault. It never asks: a password or an unknown host key is an error.
 */
export function sshShell(argv: readonly string[]): Shell {
  const [program = 'ssh', ...rest] = argv;
  return commandShell(argv.join(' '), [program, ...sharedConnection(), ...rest], {
    // The far side joins its arguments with spaces and gives them to a shell.
    wrap: (command) => [command.map(shellQuoted).join(' ')],
  });
}

let folder: string | undefined;

/** Gone with this process; the connections in it close by themselves when they were idle for a while. */
function socketFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'fp-ssh-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** %C is short: a socket's path is at most 107 characters long. */
function sharedConnection(): readonly string[] {
  folder ??= socketFolder();
  const settings = {
    ControlMaster: 'auto',
    ControlPath: `${folder}/%C`,
    ControlPersist: '30',
    BatchMode: 'yes',
    ConnectTimeout: '10',
    ServerAliveInterval: '5',
    ServerAliveCountMax: '3',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

export default ssh;
