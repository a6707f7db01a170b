import { writeFile } from 'node:fs/promises';
import type { Credentials, RouteEntry } from '../../contracts/cluster.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { Layout } from '../../machine/layout.ts';
import { addressOf, proxiesOf, type Proxy } from '../../routes/proxies.ts';
import { askSocket, untilChecked } from '../../routes/haproxy-state.ts';
import { entriesOf, inStartOrder, makeProxy, type ProxyFiles } from '../../routes/made-proxy.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { checkProxyConfig } from './check-proxy-config.ts';
import { proxyConfigFile, startProxy } from './daemons.ts';
import { hostPath, labShell } from './enter.ts';
import type { LabProxy } from './lab-proxy.ts';
import { labFolder } from './layout.ts';
import { lastLines } from './logs.ts';
import { proxyTool } from './proxy-tools.ts';
import type { LabRecord } from './record.ts';

const listenTimeoutMs = 20_000;
const logLines = 8;

export interface PlannedProxies {
  readonly proxies: readonly LabProxy[];
  readonly entries: readonly RouteEntry[];
}

export const proxyFiles: ProxyFiles = {
  adminSocket: (place) => `${labFolder}/${place}/admin.sock`,
  userlist: (place) => `${labFolder}/${place}/userlist.txt`,
};

/**
 * The proxies of a lab and where its routes lead, before anything of it exists.
 * Errors: ScenarioError for a configuration that its program refuses, with what it said.
 */
export async function planProxies(
  routes: readonly RouteSpec[],
  layout: Layout,
  credentials: Credentials,
): Promise<PlannedProxies> {
  const all = await Promise.all(
    proxiesOf(routes).map(async (proxy) => planProxy(proxy, { layout, credentials, routes })),
  );
  return {
    proxies: all.map(({ made }) => made),
    entries: all.flatMap(({ entries }) => entries),
  };
}

async function planProxy(
  proxy: Proxy,
  lab: Omit<Parameters<typeof makeProxy>[2], 'files'>,
): Promise<{ readonly made: LabProxy; readonly entries: readonly RouteEntry[] }> {
  const { name, path: program, version } = await proxyTool(proxy.kind);
  const made = makeProxy(proxy, { name, version }, { ...lab, files: proxyFiles });
  const { kind, config: text, ownFile: file, place, port } = made;
  if (file !== undefined) await checkProxyConfig(kind, program, { text, file });
  const host = addressOf(lab.layout.proxies ?? [], place);
  return { made: { ...made, program }, entries: entriesOf(made, { host, port }) };
}

/**
 * Starts the proxies of a lab whose cluster is up, and waits until their routes lead to it.
 * Errors: ClusterError with the last lines of a proxy's log.
 */
export async function startProxies(
  record: LabRecord,
  proxies: readonly LabProxy[],
  signal: AbortSignal,
): Promise<void> {
  for (const proxy of inStartOrder(proxies)) {
    signal.throwIfAborted();
    await writeFiles(record, proxy);
    await startProxy(record, proxy);
    try {
      const socket = hostPath(record, proxyFiles.adminSocket(proxy.place));
      if (proxy.kind === 'pgbouncer') await untilListens(record, proxy, signal);
      else await untilChecked(proxy.place, (command) => askSocket(socket, command));
    } catch (error) {
      const tail = await lastLines(record, proxy.place, logLines).catch(() => '');
      throw new ClusterError(`${messageOf(error)}\n${tail}`, { cause: error });
    }
  }
}

async function writeFiles(record: LabRecord, { config, users, place }: LabProxy): Promise<void> {
  await writeFile(hostPath(record, proxyConfigFile(place)), config);
  if (users === undefined) return;
  const file = proxyFiles.userlist(place);
  await writeFile(hostPath(record, file), users, { mode: 0o600 });
  if (record.isRootless) return;
  const { exitCode, stderr } = await labShell(record, place).run(['chown', 'postgres', file]);
  if (exitCode !== 0) throw new ClusterError(`${place}: chown postgres ${file}: ${stderr.trim()}`);
}

/** bash, not sh: only it can open a connection. */
async function untilListens(record: LabRecord, { place, port }: LabProxy, signal: AbortSignal) {
  const knock = ['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`];
  await waitUntil(
    `${place} listens on port ${port}`,
    async () => (await labShell(record, place).run(knock)).exitCode === 0,
    { timeoutMs: listenTimeoutMs, signal, everyMs: 100 },
  );
}
