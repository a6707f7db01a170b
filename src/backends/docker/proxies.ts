import type { RouteEntry } from '../../contracts/cluster.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { Layout } from '../../machine/layout.ts';
import { checkOf, requireAccepted } from '../../routes/accepted.ts';
import { entryPort } from '../../routes/entry-port.ts';
import { untilChecked } from '../../routes/haproxy-state.ts';
import {
  entriesOf,
  inStartOrder,
  makeProxy,
  type MadeProxy,
  type ProxyFiles,
} from '../../routes/made-proxy.ts';
import { proxiesOf, type Proxy } from '../../routes/proxies.ts';
import { startDetached } from '../../shells/docker/engine-shell.ts';
import { ClusterError, EnvironmentError, HarnessBug, messageOf } from '../../std/errors.ts';
import { waitUntil } from '../../std/wait.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { lastLines, proxyLog } from './logs.ts';

/** A container of a proxy, and what will run in it. */
export interface BoxedProxy extends MadeProxy {
  readonly box: Box;
}

interface Behind {
  readonly access: Access;
  readonly boxes: readonly Box[];
  readonly layout: Layout;
  readonly password: string;
}

const names = { haproxy: 'HAProxy', pgbouncer: 'PgBouncer' } as const;
const folder = '/var/lib/forkpoint';
const configFile = `${folder}/proxy.cfg`;
const adminSocket = `${folder}/admin.sock`;
export const proxyFiles: ProxyFiles = {
  adminSocket: () => adminSocket,
  userlist: () => `${folder}/userlist.txt`,
};
const account = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
const timeoutMs = 30_000;
const logLines = 8;

/** Load and consumers run in those of clients. */
export type ContainerKind = 'member' | 'dcs' | 'client' | 'proxy' | 'sink';

/** The ports of a container that are published: of a proxy, where its clients connect to. */
export function publishedBy(routes: readonly RouteSpec[], { kind: access, publish }: Access) {
  const proxies = proxiesOf(routes);
  return (kind: ContainerKind, { name }: Pick<Box, 'name'>) => {
    if (kind === 'client') return [];
    if (kind !== 'proxy') return publish[kind];
    const proxy = proxies.find(({ place }) => place === name);
    return access === 'engine' && proxy ? [entryPort(proxy)] : [];
  };
}

/**
 * Writes the files of every proxy into its container, and has the program itself look at the user's own.
 * Errors: ScenarioError for a configuration that its program refuses, with what it said; EnvironmentError for an image
 * without the program.
 */
export async function prepareProxies(
  routes: readonly RouteSpec[],
  behind: Behind,
): Promise<readonly BoxedProxy[]> {
  return Promise.all(proxiesOf(routes).map((proxy) => prepare(proxy, routes, behind)));
}

async function prepare(
  proxy: Proxy,
  routes: readonly RouteSpec[],
  { access, boxes, layout, password }: Behind,
): Promise<BoxedProxy> {
  const { kind, place } = proxy;
  const box = boxes.find(({ name }) => name === place);
  if (!box) throw new HarnessBug(`${place} has no container`);
  const version = await versionIn(kind, access, box);
  const credentials = { user: 'postgres', password, database: 'postgres' };
  const made = makeProxy(
    proxy,
    { name: names[kind], version },
    { layout, credentials, routes, files: proxyFiles },
  );
  const write = (file: string, text: string) => placeFile({ access, box }, file, text);
  const { ownFile, users } = made;
  if (ownFile !== undefined) {
    const { argv, text } = checkOf(kind, { program: kind, text: made.config });
    await write(configFile, text);
    const checked = await access.shell(box).run([...account, ...argv(configFile)], { timeoutMs });
    requireAccepted(kind, checked, { copy: configFile, file: ownFile });
  }
  await write(configFile, made.config);
  if (users !== undefined) await write(proxyFiles.userlist(place), users);
  return { ...made, box };
}

async function versionIn(kind: Proxy['kind'], access: Access, box: Box): Promise<string> {
  const argv = [kind, kind === 'haproxy' ? '-v' : '--version'];
  const { stdout, stderr } = await access
    .shell(box)
    .run(['sh', '-c', '"$@"', 'sh', ...argv], { timeoutMs });
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0];
  if (version !== undefined) return version;
  throw new EnvironmentError(
    `the image has no ${names[kind]}: ${(stderr || stdout).trim()}. npm run docker:image builds one that has it`,
  );
}

/** Of the account that reads it alone. */
async function placeFile(
  { access, box }: { readonly access: Access; readonly box: Box },
  file: string,
  text: string,
): Promise<void> {
  const script = 'umask 077; cat > "$1" && chown postgres "$1"';
  const argv = ['sh', '-c', script, 'sh', file];
  const { exitCode, stderr } = await access.shell(box).run(argv, { stdin: text, timeoutMs });
  if (exitCode !== 0) throw new EnvironmentError(`${box.name}: write ${file}: ${stderr.trim()}`);
}

/** Where the routes of proxies lead, for the load's clients. */
export function proxyEntries(
  proxies: readonly BoxedProxy[],
  access: Access,
): readonly RouteEntry[] {
  return proxies.flatMap((proxy) => entriesOf(proxy, access.entry(proxy.box, proxy.port)));
}

/**
 * Starts the proxies of a cluster that is up, and waits until their routes lead to it.
 * Errors: ClusterError with the last lines of a proxy's log.
 */
export async function startProxies(
  proxies: readonly BoxedProxy[],
  access: Access,
  signal: AbortSignal,
): Promise<void> {
  for (const proxy of inStartOrder(proxies)) {
    signal.throwIfAborted();
    const { kind, place, port, box } = proxy;
    const program = kind === 'haproxy' ? ['haproxy', '-db', '-f'] : ['pgbouncer'];
    const argv = [...account, ...program, configFile];
    await startDetached(place, box.container, [
      ...['sh', '-c', `exec "$@" >> ${proxyLog} 2>&1 < /dev/null`, 'sh', ...argv],
    ]);
    try {
      if (kind === 'haproxy') await untilChecked(place, (command) => askIn(access, box, command));
      else await untilListens(access, box, { port, signal });
    } catch (error) {
      signal.throwIfAborted();
      const tail = await lastLines(access, box, logLines);
      throw new ClusterError(`${messageOf(error)}\n${tail}`, { cause: error });
    }
  }
}

/** '' where HAProxy does not answer. */
async function askIn(access: Access, box: Box, command: string): Promise<string> {
  const argv = ['socat', '-', `UNIX-CONNECT:${adminSocket}`];
  const { exitCode, stdout } = await access
    .shell(box)
    .run(argv, { stdin: `${command}\n`, timeoutMs });
  return exitCode === 0 ? stdout : '';
}

/** bash, not sh: only it can open a connection. */
async function untilListens(
  access: Access,
  box: Box,
  { port, signal }: { readonly port: number; readonly signal: AbortSignal },
): Promise<void> {
  const knock = `exec 3<>/dev/tcp/127.0.0.1/${port}`;
  const listens = async () =>
    (await access.shell(box).run(['bash', '-c', knock], { timeoutMs })).exitCode === 0;
  await waitUntil(`${box.name} listens on port ${port}`, listens, {
    timeoutMs,
    signal,
    everyMs: 100,
  });
}
