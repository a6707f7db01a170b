import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ScenarioError } from '../../std/errors.ts';
import { run } from '../../std/exec.ts';
import { temporaryFolder } from '../../std/temporary-folder.ts';

const timeoutMs = 20_000;

/**
 * Asks the program itself whether it accepts a configuration. HAProxy has an option for that; PgBouncer reads all of its file
 * before it finds that, here, it has nowhere to listen.
 * Errors: ScenarioError with what it said.
 */
export async function requireAccepted(
  kind: 'haproxy' | 'pgbouncer',
  program: string,
  { text, file }: { readonly text: string; readonly file: string },
): Promise<void> {
  const folder = await temporaryFolder('forkpoint-proxy-');
  await using _folder = {
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await chmod(folder, 0o755);
  const copy = path.join(folder, path.basename(file));
  await writeFile(copy, kind === 'haproxy' ? text : withoutListener(text));
  const argv = kind === 'haproxy' ? [program, '-c', '-f', copy] : [...asService(), program, copy];
  const { exitCode, stdout, stderr } = await run(argv, { timeoutMs });
  const said = `${stdout}${stderr}`.replaceAll(copy, file);
  const isAccepted = kind === 'haproxy' ? exitCode === 0 : said.includes('nowhere to listen');
  if (isAccepted) return;
  const lines = said.split('\n').filter((line) => /ALERT|ERROR|FATAL/.test(line));
  const shown = (lines.length > 0 ? lines : said.trim().split('\n')).slice(0, 8).join('\n');
  throw new ScenarioError(`${file}: ${kind} refuses it:\n${shown}`);
}

function withoutListener(text: string): string {
  return text.replace(/^listen_addr = .*$/m, 'listen_addr =');
}

/** It refuses to run as root. */
function asService(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
}
