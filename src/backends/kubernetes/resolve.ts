import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Json } from '../../contracts/json.ts';
import type { TlsOptions } from '../../contracts/tls.ts';
import { type NodeAccess, loginTo } from '../external/access.ts';
import { type ExternalParams, externalParams, harms, machineHarms } from '../external/params.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { type Api, ask } from './api.ts';
import type { Helpers } from './helpers.ts';
import { podRoot } from './enter-script.ts';
import type { KubernetesParams } from './params.ts';
import type { PodWatch } from './pods.ts';
import { tlsOf } from './tls.ts';
import { podProcesses } from './process-control.ts';

/** The cluster in the terms of one that exists: what is known of its pods now. */
export interface Resolved {
  readonly params: ExternalParams;
  readonly accesses: readonly NodeAccess[];
}

/** Errors: EnvironmentError for a Secret that cannot be read, or lacks a key. */
export async function resolveCluster(
  api: Api,
  given: KubernetesParams,
  { watch, helpers }: { readonly watch: PodWatch; readonly helpers: Helpers },
): Promise<Resolved> {
  const [login, dcs, tls] = await Promise.all([
    loginOf(api, given),
    dcsOf(api, given),
    tlsOf(api, given),
  ]);
  const nodes = given.nodes.map((name) => [name, nodeParams(given, watch.state(name).address)]);
  const params = externalParams.parse({
    consent: given.consent.filter((harm) => harms.some((known) => known === harm)),
    credentials: { user: login.user, database: given.credentials.database },
    tls: { mode: 'prefer' },
    nodes: Object.fromEntries(nodes) as Json,
    dcs,
    ...(given.routes && { routes: given.routes }),
    minFree: given.minFree,
  });
  const accesses = await Promise.all(
    given.nodes.map((name) =>
      accessTo(name, { given, params, watch, helpers, tls, password: login.password }),
    ),
  );
  return { params, accesses };
}

function nodeParams({ port, patroni, disks }: KubernetesParams, address: string): Json {
  const folders = disks && { data: `${podRoot}${disks.data}`, wal: `${podRoot}${disks.wal}` };
  return {
    host: address,
    port,
    ...(patroni !== false && { patroni: `http://${address}:${patroni}` }),
    ...(folders && { disks: folders }),
  };
}

/** Its addresses are read from the watch each time: a pod comes back with another one. */
async function accessTo(
  name: string,
  known: {
    readonly given: KubernetesParams;
    readonly params: ExternalParams;
    readonly watch: PodWatch;
    readonly helpers: Helpers;
    readonly password: string;
    readonly tls: TlsOptions | undefined;
  },
): Promise<NodeAccess> {
  const { given, params, watch, helpers, password, tls } = known;
  const { port, patroni } = given;
  const login = await loginTo({ host: watch.state(name).address, port }, params, password);
  const node = params.nodes[name];
  if (!node) throw new EnvironmentError(`${name}: is no pod of the cluster file`);
  const endpoint = {
    ...login.endpoint,
    ...(tls && { tls }),
    get host() {
      return watch.state(name).address;
    },
  };
  const rest = patroni !== false && {
    port: patroni,
    get host() {
      return watch.state(name).address;
    },
  };
  const shell = usesMachines(given) ? helpers.shellTo(name) : undefined;
  return {
    name,
    endpoint,
    credentials: login.credentials,
    params: node,
    ...(rest && { rest }),
    ...(shell && {
      shell,
      root: podRoot,
      process: podProcesses({ name, shell }, { hasPatroni: patroni !== false }),
    }),
  };
}

export function usesMachines({
  consent,
  helper,
}: Pick<KubernetesParams, 'consent' | 'helper'>): boolean {
  const used: readonly CapabilityName[] = machineHarms;
  return helper !== undefined && consent.some((harm) => used.includes(harm));
}

async function loginOf(
  api: Api,
  { credentials }: KubernetesParams,
): Promise<{ readonly user: string; readonly password: string }> {
  const { secret, userKey, passwordKey } = credentials;
  const { namespace } = api;
  const { data = {} } = await ask(api, 'get', 'secrets', () =>
    api.core.readNamespacedSecret({ namespace, name: secret }),
  );
  const valueOf = (key: string, option: string) => {
    const value = data[key];
    if (value !== undefined) return Buffer.from(value, 'base64').toString();
    throw new EnvironmentError(
      `Secret ${secret} in namespace ${namespace} has no key '${key}'; it has ${Object.keys(data).join(', ') || 'none'}: write credentials.${option}`,
    );
  };
  return {
    user: credentials.user ?? valueOf(userKey, 'userKey'),
    password: valueOf(passwordKey, 'passwordKey'),
  };
}

/** Pods reach the API server by its Service, whose address no packet of theirs leaves them without. */
async function dcsOf(api: Api, { dcs }: KubernetesParams): Promise<readonly string[]> {
  if (dcs !== 'kubernetes') return dcs;
  const { spec } = await ask({ namespace: 'default' }, 'get', 'services', () =>
    api.core.readNamespacedService({ namespace: 'default', name: 'kubernetes' }),
  );
  const [port] = spec?.ports ?? [];
  return [`${spec?.clusterIP ?? ''}:${port?.port ?? 443}`];
}
