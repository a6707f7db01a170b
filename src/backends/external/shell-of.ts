import path from 'node:path';
import type { Shell } from '../../contracts/shell.ts';
import { sshLogin, sshShell } from '../../shells/ssh.ts';
import { commandShell } from '../../shells/support/command-shell.ts';

/** ssh needs its arguments quoted; any other prefix takes them as they are. */
export function shellOf(argv: readonly string[]): Shell {
  return isSsh(argv) ? sshShell(argv) : commandShell(argv.join(' '), argv, { isFar: true });
}

/** Of a node; undefined: none is named. */
export function shellTo({
  shell,
  params,
}: {
  readonly shell?: Shell;
  readonly params: { readonly shell?: readonly string[] | undefined };
}): Shell | undefined {
  return shell ?? (params.shell && shellOf(params.shell));
}

/** The login alone, without sudo behind it; undefined: it is not ssh. */
export function loginShellOf(argv: readonly string[]): Shell | undefined {
  return isSsh(argv) ? sshShell(sshLogin(argv)) : undefined;
}

function isSsh([program = '']: readonly string[]): boolean {
  return path.basename(program) === 'ssh';
}
