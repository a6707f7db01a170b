import { ScenarioError } from '../std/errors.ts';

/** What a proxy's program said of a configuration that it was to check. */
interface Checked {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * argv that has a program check a file, and the text to check. HAProxy has an option for that; PgBouncer reads all of its
 * file before it finds that, so, it has nowhere to listen.
 */
export function checkOf(
  kind: 'haproxy' | 'pgbouncer',
  { program, text }: { readonly program: string; readonly text: string },
) {
  return kind === 'haproxy'
    ? { argv: (file: string) => [program, '-c', '-f', file], text }
    : {
        argv: (file: string) => [program, file],
        text: text.replace(/^listen_addr = .*$/m, 'listen_addr ='),
      };
}

/** `copy`: the file that was checked in place of the user's. Errors: ScenarioError with what the program said. */
export function requireAccepted(
  kind: 'haproxy' | 'pgbouncer',
  { exitCode, stdout, stderr }: Checked,
  { copy, file }: { readonly copy: string; readonly file: string },
): void {
  const said = `${stdout}${stderr}`.replaceAll(copy, file);
  const isAccepted = kind === 'haproxy' ? exitCode === 0 : said.includes('nowhere to listen');
  if (isAccepted) return;
  const lines = said.split('\n').filter((line) => /ALERT|ERROR|FATAL/.test(line));
  const shown = (lines.length > 0 ? lines : said.trim().split('\n')).slice(0, 8).join('\n');
  throw new ScenarioError(`${file}: ${kind} refuses it:\n${shown}`);
}
