import type { Finding } from '../../contracts/finding.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import { proxiesOf } from '../../routes/proxies.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { absent } from './absent.ts';
import { findExecutable } from './find-executable.ts';
import { type Tool, versionOf } from './tools.ts';

const programs = { haproxy: ['HAProxy', '-v'], pgbouncer: ['PgBouncer', '--version'] } as const;
type Kind = keyof typeof programs;

/** The programs that routes need; where no route needs one, it is not looked for. */
export async function inspectProxies(routes: readonly RouteSpec[]): Promise<readonly Finding[]> {
  const kinds = [...new Set(proxiesOf(routes).map(({ kind }) => kind))];
  return Promise.all(
    kinds.map(async (kind): Promise<Finding> => {
      const [name] = programs[kind];
      const file = findExecutable(kind);
      if (file === undefined) return absent(name, 'not found on PATH', [kind]);
      const { version } = await proxyTool(kind);
      return { name, isMissing: false, detail: `${version} (${file})` };
    }),
  );
}

/** Errors: EnvironmentError when it is not installed. */
export async function proxyTool(kind: Kind): Promise<Tool & { readonly name: string }> {
  const [name, option] = programs[kind];
  const file = findExecutable(kind);
  if (file === undefined) {
    throw new EnvironmentError(`${name}: not found on PATH. apt-get install ${kind}`);
  }
  return { name, path: file, version: await versionOf([file, option]) };
}
