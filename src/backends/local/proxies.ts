import { writeFile } from 'node:fs/promises';
import type { Credentials, RouteEntry } from '../../contracts/cluster.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { Layout } from '../../machine/layout.ts';
import { ports } from '../../machine/layout.ts';
import { haproxyConfig, type MadeConfig } from '../../routes/haproxy-config.ts';
import { pgbouncerConfig, userlist } from '../../routes/pgbouncer-config.ts';
import { addressOf, proxiesOf, type Proxy } from '../../routes/proxies.ts';
import { untilChecked } from '../../routes/haproxy-state.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import { requireAccepted } from './check-proxy-config.ts';
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

const adminSocketOf = (place: string) => `${labFolder}/${place}/admin.sock`;
const userlistOf = (place: string) => `${labFolder}/${place}/userlist.txt`;

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

interface ProxyContext {
  readonly layout: Layout;
  readonly credentials: Credentials;
  readonly routes: readonly RouteSpec[];
}

async function planProxy(proxy: Proxy, context: ProxyContext) {
  const { layout, credentials } = context;
  const { kind, place, config: own } = proxy;
  const { name, path: program, version } = await proxyTool(kind);
  const config =
    proxy.kind === 'haproxy'
      ? haproxyConfig(layout.nodes, { adminSocket: adminSocketOf(place), own })
      : pgbouncerConfig({
          ...proxy,
          own,
          version,
          server: serverOf(proxy.leadsTo, context),
          authFile: userlistOf(place),
          hasPassword: credentials.password !== undefined,
        });
  if (own) await requireAccepted(kind, program, { text: config.text, file: own.file });
  const made: LabProxy = {
    kind,
    place,
    program,
    config: config.text,
    port: config.port,
    ...(kind === 'pgbouncer' && {
      users: userlist(credentials.user, credentials.password ?? ''),
    }),
  };
  const behind =
    proxy.kind === 'pgbouncer' ? `, ${proxy.pooling} pooling, in front of ${proxy.leadsTo}` : '';
  return { made, entries: entriesOf(proxy, layout, config, `${name} ${version}${behind}`) };
}

function entriesOf(
  proxy: Proxy,
  layout: Layout,
  { port, notes }: MadeConfig,
  what: string,
): readonly RouteEntry[] {
  const host = addressOf(layout.proxies ?? [], proxy.place);
  return proxy.routes.map((route) => ({ route, endpoint: { host, port }, what, notes }));
}

/** A node, or an HAProxy with the port of its writes. */
function serverOf(name: string, { layout, routes }: ProxyContext) {
  const node = layout.nodes.find((each) => each.name === name);
  if (node) return { name, host: node.address, port: ports.postgres };
  const haproxy = proxiesOf(routes).find((each) => each.place === name);
  const { port } = haproxyConfig(layout.nodes, {
    adminSocket: adminSocketOf(name),
    own: haproxy?.config,
  });
  return { name, host: addressOf(layout.proxies ?? [], name), port };
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
  // PgBouncer's may lead to an HAProxy.
  const inOrder = proxies.toSorted(
    (a, b) => Number(a.kind === 'pgbouncer') - Number(b.kind === 'pgbouncer'),
  );
  for (const proxy of inOrder) {
    signal.throwIfAborted();
    await writeFiles(record, proxy);
    await startProxy(record, proxy);
    try {
      if (proxy.kind === 'haproxy')
        await untilChecked(hostPath(record, adminSocketOf(proxy.place)), proxy.place);
      else await untilListens(record, proxy, signal);
    } catch (error) {
      const tail = await lastLines(record, proxy.place, logLines).catch(() => '');
      throw new ClusterError(`${messageOf(error)}\n${tail}`, { cause: error });
    }
  }
}

async function writeFiles(record: LabRecord, { config, users, place }: LabProxy): Promise<void> {
  await writeFile(hostPath(record, proxyConfigFile(place)), config);
  if (users === undefined) return;
  const file = userlistOf(place);
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
