import type { Cluster, Machine, ProxyControl } from '../../src/contracts/cluster.ts';
import type { SchemaIssue } from '../../src/contracts/json.ts';
import type { LoadSpec } from '../../src/contracts/scenario.ts';
import type { Shell } from '../../src/contracts/shell.ts';
import { ClusterError } from '../../src/std/errors.ts';

/** A proxy and the way to its program. */
export interface Proxy {
  readonly name: string;
  readonly shell: Shell;
  readonly control: ProxyControl;
}

/** For `problems`: a load that uses no such proxy. */
export function routeProblems(
  { routes = [] }: Pick<LoadSpec, 'routes'>,
  kind: ProxyControl['kind'],
): readonly SchemaIssue[] {
  const has = routes.some(
    ({ via, leadsTo = 'haproxy' }) =>
      via === kind || (kind === 'haproxy' && via === 'pgbouncer' && leadsTo === 'haproxy'),
  );
  if (has) return [];
  const message = `no client reaches the cluster by a ${kind}: set load.route to { via: ${kind} }`;
  return [{ path: [], message }];
}

/** Errors: ClusterError where there is none that can be asked. */
export function proxiesOfKind(
  { id, proxies = [] }: Pick<Cluster, 'id' | 'proxies'>,
  kind: ProxyControl['kind'],
): readonly Proxy[] {
  const found = proxies.flatMap(({ name, shell, proxy }: Machine): readonly Proxy[] =>
    proxy?.kind === kind && shell ? [{ name, shell, control: proxy }] : [],
  );
  if (found.length > 0) return found;
  throw new ClusterError(`cluster ${id}: it has no ${kind} whose program can be asked`);
}

const answerTimeoutMs = 30_000;
/** Of a shell whose command took too long. */
const tookTooLong = 124;

/** Errors: ClusterError with what the program said. */
export async function askProxy(
  { name, shell, control }: Proxy,
  command: string,
  { signal, timeoutMs = answerTimeoutMs }: { signal: AbortSignal; timeoutMs?: number },
): Promise<string> {
  const asked = await shell.run(control.adminCommand(command), { signal, timeoutMs });
  if (asked.exitCode === 0) return asked.stdout;
  const said = (asked.stderr || asked.stdout).trim();
  const why =
    asked.exitCode === tookTooLong ? `no answer in ${timeoutMs / 1000} s` : said || 'no answer';
  throw new ClusterError(`${name}: ${control.kind}: \`${command}\`: ${why}`);
}
