import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkOf, requireAccepted } from '../../routes/accepted.ts';
import { run } from '../../std/exec.ts';
import { temporaryFolder } from '../../std/temporary-folder.ts';

const timeoutMs = 20_000;

/**
 * Asks the program itself, on this host, whether it accepts a configuration.
 * Errors: ScenarioError with what it said.
 */
export async function checkProxyConfig(
  kind: 'haproxy' | 'pgbouncer',
  program: string,
  { text, file }: { readonly text: string; readonly file: string },
): Promise<void> {
  const folder = await temporaryFolder('proxy');
  await using _folder = {
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await chmod(folder, 0o755);
  const copy = path.join(folder, path.basename(file));
  const check = checkOf(kind, { program, text });
  await writeFile(copy, check.text);
  const account = kind === 'pgbouncer' ? asService() : [];
  const checked = await run([...account, ...check.argv(copy)], { timeoutMs });
  requireAccepted(kind, checked, { copy, file });
}

/** PgBouncer refuses to run as root. */
function asService(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
}
