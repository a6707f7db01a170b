import type { ContainerInfo } from 'dockerode';
import type { Cluster } from '../../contracts/cluster.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { type Layout, siteNames } from '../../machine/layout.ts';
import { accesses, wantedAccess } from './access.ts';
import { markAttached } from './attachment.ts';
import { hasClock } from './clock-file.ts';
import { hasLayers } from './disk-layers.ts';
import { clusterOf } from './cluster.ts';
import { type Box, boxOf } from './containers.ts';
import { ask, type Engine, openEngine } from '../../shells/docker/engine.ts';
import { runLabel } from './labels.ts';
import { readVersions, startPatroniAgain } from './member.ts';
import { consumersSite, sinkName } from './layout.ts';
import { dcsNames, isMemberName } from './member-names.ts';
import { isProxyPlace } from '../../routes/proxies.ts';
import { requireRecord } from './record.ts';
import { singleCluster, versionOf } from './single.ts';

const askTimeoutMs = 2_000;

/**
 * Connects to the containers of a cluster that another process holds; disposing the connection leaves them up. Everything
 * is read from the engine, the password too: it is in the containers' environment and in no file.
 * Errors: EnvironmentError when they are gone, or only root can enter them.
 */
export async function attachCluster(raw: unknown): Promise<Cluster> {
  const { id } = requireRecord(raw);
  const engine = openEngine();
  const boxes = await boxesOf(engine, id);
  const [first] = boxes;
  if (!first)
    throw new EnvironmentError(`cluster ${id} is gone: the engine has no container of it`);
  const isMember = ({ name }: Box) => isMemberName(name);
  const isClient = ({ name }: Box) => siteNames.some((site) => site === name);
  const members = boxes.filter(isMember);
  const clients = boxes.filter(isClient);
  const isProxy = ({ name }: Box) => isProxyPlace(name);
  const proxies = boxes.filter(isProxy);
  const named = (name: string) => boxes.find((box) => box.name === name);
  const [sink, consumers] = [named(sinkName), named(consumersSite)];
  const isDcs = ({ name }: Box) => dcsNames.some((each) => each === name);
  const dcs = boxes.filter(isDcs);
  const password = await passwordOf(members[0] ?? first);
  if (dcs.length === 0) return attachSingle(id, first, password, await markAttached(engine, id));
  const access = accesses[clients.length > 0 ? 'namespaces' : 'engine'];
  if (access.kind === 'namespaces' && wantedAccess() !== 'namespaces') {
    throw new EnvironmentError(
      `cluster ${id} was made by root, and only root can enter it: use sudo`,
    );
  }
  const subnet = first.address.split('.').slice(0, 3).join('.');
  const layout: Layout = {
    nodes: members,
    dcs,
    sites:
      clients.length > 0
        ? [...clients, ...(consumers ? [consumers] : [])]
        : [{ name: siteNames[0], address: `${subnet}.1` }],
    ...(sink && { sinks: [sink] }),
    ...(proxies.length > 0 && { proxies }),
  };
  const versions = await readVersions(members);
  return clusterOf(
    { id },
    {
      access,
      layout,
      members,
      dcs,
      clients,
      ...(sink && { sink }),
      ...(consumers && { consumers }),
      proxies,
      routes: [],
      password,
      versions,
      hasClock: members[0] !== undefined && (await hasClock(access, members[0])),
      hasLayers: members[0] !== undefined && (await hasLayers(access, members[0])),
      startPatroni: (box) => startPatroniAgain(access, box),
      end: await markAttached(engine, id),
    },
  );
}

/** Whether any of its containers is up. Errors: EnvironmentError when no engine answers. */
export async function isUp(raw: unknown): Promise<boolean> {
  const { id } = requireRecord(raw);
  return (await containersOf(openEngine(), id)).length > 0;
}

async function attachSingle(
  id: string,
  { container, ports }: Box,
  password: string,
  end: () => Promise<void>,
): Promise<Cluster> {
  const [port = 0] = ports.values();
  const server = { container, port, password };
  // A frozen server does not report its version.
  const version = await versionOf(server, AbortSignal.timeout(askTimeoutMs)).catch(() => 'unknown');
  return singleCluster(server, { id, version, end });
}

function containersOf(engine: Engine, id: string): Promise<readonly ContainerInfo[]> {
  const filters = { label: [`${runLabel}=${id}`] };
  return ask('list containers', () => engine.listContainers({ filters }));
}

/** By name: pg2 before pg10. */
async function boxesOf(engine: Engine, id: string): Promise<readonly Box[]> {
  const found = await containersOf(engine, id);
  const boxes = found.map(
    ({ Id: containerId, Names: [fullName = ''], NetworkSettings: settings }) => {
      const name = fullName.replace(`/forkpoint-${id}-`, '');
      const [network] = Object.values(settings.Networks);
      const container = engine.getContainer(containerId);
      return ask(`inspect ${name}`, () =>
        boxOf(container, { name, address: network?.IPAddress ?? '' }),
      );
    },
  );
  return (await Promise.all(boxes)).sort((a, b) =>
    a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
}

async function passwordOf({ name, container }: Box): Promise<string> {
  const { Config: config } = await ask(`inspect ${name}`, () => container.inspect());
  const variable = 'POSTGRES_PASSWORD=';
  const entry = config.Env.find((one) => one.startsWith(variable));
  if (entry === undefined) throw new EnvironmentError(`${name}: its environment has no password`);
  return entry.slice(variable.length);
}
