import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CopyServer, RunningCopy } from '../contracts/copy-server.ts';
import { EnvironmentError } from '../std/errors.ts';
import { run, runOk, start } from '../std/exec.ts';
import { programsFor } from './programs.ts';

/**
 * This host's PostgreSQL of a major version, in namespaces of its own where this user may make them.
 * Errors: EnvironmentError that names what to install.
 */
export function hostServer(version: string): CopyServer {
  const programs = programsFor(version);
  return {
    where: `a server of this host, PostgreSQL ${version}`,
    start: (folder) => startHere(folder, programs),
  };
}

async function startHere(folder: string, programs: string): Promise<RunningCopy> {
  if (process.getuid?.() === 0) {
    const fail = (message: string) => new EnvironmentError(message);
    await runOk(['chown', '-R', 'postgres:', folder], fail);
    await runOk(['chmod', '700', path.join(folder, 'data')], fail);
  }
  const log = path.join(folder, 'log');
  const server = start(
    [
      ...(await entry()),
      path.join(programs, 'postgres'),
      // Else a PGDATA of the environment must exist.
      ...['-D', path.join(folder, 'data'), '-c', `config_file=${folder}/postgresql.conf`],
    ],
    { stdin: 'ignore', stdout: 'ignore', stderr: { file: log }, reject: false, cwd: folder },
  );
  let hasEnded = false;
  const ended = server.then(() => (hasEnded = true));
  return {
    hasEnded: () => hasEnded,
    log: () => readFile(log, 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: async () => {
      // An immediate shutdown where it is the postmaster itself; else what entered the namespaces, and they end with it.
      server.kill('SIGQUIT');
      await ended;
    },
  };
}

/** Namespaces of its own end all its processes with the first one. PostgreSQL refuses to run as root. */
async function entry(): Promise<readonly string[]> {
  const dies = ['setpriv', '--pdeathsig', 'KILL', '--'];
  if (process.getuid?.() !== 0) return dies;
  const apart = ['unshare', '-n', '-i', '-p', '-f', '--kill-child', '--mount-proc'];
  const account = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  // Said again after the change of account, which takes it back.
  const asPostgres = ['setpriv', ...account, '--pdeathsig', 'KILL', '--'];
  const { exitCode } = await run([...apart, 'true']);
  return exitCode === 0 ? [...dies, ...apart, ...asPostgres] : asPostgres;
}
