import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import type { SparedConnection, Surroundings } from '../../machine/host-network.ts';
import { ballastFiles } from '../../machine/disk.ts';
import type { Layout, Place, ServicePorts } from '../../machine/layout.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';
import { localShell } from '../../shells/local.ts';
import type { Reached } from '../../machine/try-paths.ts';
import { allPaths, type Origins, reachedBy } from './cut-proof.ts';
import { clientAddresses } from './client-addresses.ts';
import { type MachineFacts, readFacts, sshWay } from './machine-facts.ts';
import { loginShellOf, shellOf, shellTo } from './shell-of.ts';
import { type DcsAddress, dcsAddressOf, type ExternalParams, type ProxyParams } from './params.ts';

/** The card that carries a node's traffic is undefined where none has its address. */
export interface MachineOfNode extends MachineFacts {
  readonly device: string | undefined;
}

/** The machines of a cluster that is not ours, nodes' and proxies', as their shells see them. Each is asked once, when it is first needed. */
export class Machines {
  readonly #accesses: readonly NodeAccess[];
  readonly #params: ExternalParams;
  readonly #facts = new Map<string, Promise<MachineOfNode>>();
  #layout: Promise<Layout> | undefined;
  #before: Promise<ReadonlyMap<string, Reached>> | undefined;

  constructor(accesses: readonly NodeAccess[], params: ExternalParams) {
    this.#accesses = accesses;
    this.#params = params;
  }

  /** Names of the nodes that have a shell. */
  get nodes(): readonly string[] {
    return this.#accesses.flatMap((access) => (shellTo(access) ? [access.name] : []));
  }

  get proxies(): readonly string[] {
    return Object.keys(this.#params.proxies);
  }

  /** Every machine that has a shell. */
  get names(): readonly string[] {
    return [...this.nodes, ...this.proxies];
  }

  /** Those that faults with these needs may act on: proxies are met by faults on packets alone. */
  metBy(needs: readonly CapabilityName[]): readonly string[] {
    return needs.includes('network') || needs.includes('shaping') ? this.names : this.nodes;
  }

  /** Undefined: the file names none. */
  shell(name: string): Shell | undefined {
    const access = this.access(name);
    if (access) return shellTo(access);
    const argv = this.#params.proxies[name]?.shell;
    return argv && shellOf(argv);
  }

  /** A node's pg_rewind is held through its shell, where the file allows it. */
  mayHoldRewind(name: string): boolean {
    return this.nodes.includes(name) && this.#params.consent.includes('rewind');
  }

  access(name: string): NodeAccess | undefined {
    return this.#accesses.find((one) => one.name === name);
  }

  /** Files that fill its disks; none where the file names no disks. */
  ballast(name: string): readonly string[] {
    const disks = this.access(name)?.params.disks;
    return disks ? ballastFiles(disks, ballastName) : [];
  }

  /** Errors: EnvironmentError naming the node, with what came back and what to do. */
  facts(name: string): Promise<MachineOfNode> {
    const known = this.#facts.get(name) ?? this.#read(name);
    this.#facts.set(name, known);
    known.catch(() => this.#facts.delete(name));
    return known;
  }

  /** Every end that a cut can name. Errors: ClusterError or EnvironmentError for a machine or a name that does not answer. */
  layout(): Promise<Layout> {
    this.#layout ??= this.#lookAround();
    this.#layout.catch(() => (this.#layout = undefined));
    return this.#layout;
  }

  /** Errors: as `layout`, and ClusterError where our own way in cannot be told from what is to be cut. */
  async surroundings(name: string): Promise<Surroundings> {
    const [facts, layout] = await Promise.all([this.facts(name), this.layout()]);
    const spared = facts.way ? [facts.way] : [];
    return { layout, spared, hasV6: facts.addresses.some((address) => isIPv6(address)) };
  }

  /** Which paths were open before any cut. Only connects. */
  before(): Promise<ReadonlyMap<string, Reached>> {
    this.#before ??= this.layout().then((layout) =>
      reachedBy(this.origins(), allPaths(layout), openSeconds),
    );
    this.#before.catch(() => (this.#before = undefined));
    return this.#before;
  }

  /** Machines have other addresses now: what was learned of them is asked again. */
  forget(): void {
    this.#facts.clear();
    this.#layout = undefined;
    this.#before = undefined;
  }

  /** Where connections can be tried from. */
  origins(): Origins {
    const site = this.#params.sites?.clients;
    const clients = ['clients', site ? shellOf(site.shell) : localShell] as const;
    const machines = this.names.flatMap((name) => {
      const shell = this.shell(name);
      return shell ? [[name, shell] as const] : [];
    });
    return new Map([...machines, clients]);
  }

  #wayTo(
    name: string,
  ): { readonly host: string; readonly shell?: readonly string[] | undefined } | undefined {
    const access = this.access(name);
    if (access) return { host: access.endpoint.host, shell: access.params.shell };
    return this.#params.proxies[name];
  }

  async #read(name: string): Promise<MachineOfNode> {
    const shell = this.shell(name);
    const { host, shell: argv } = this.#wayTo(name) ?? {};
    if (!shell || host === undefined)
      throw new ClusterError(`${name}: its cluster file names no shell`);
    try {
      const facts = await readFacts(shell);
      const login = argv && loginShellOf(argv);
      const way: SparedConnection | undefined = facts.way ?? (login && (await sshWay(login)));
      if (login && !way) throw new Error(noWay);
      const known = await addressesOf(host);
      const device = [...known, ...facts.addresses].map((one) => facts.cards[one]).find(Boolean);
      return { ...facts, way, device };
    } catch (error) {
      throw new ClusterError(`${name}: ${messageOf(error)}`, { cause: error });
    }
  }

  async #lookAround(): Promise<Layout> {
    const { routes = {}, proxies: proxyParams } = this.#params;
    const [own, ofProxies, dcs, sites, entries] = await Promise.all([
      Promise.all(this.#accesses.map((access) => this.#addressesOf(access))),
      Promise.all(Object.entries(proxyParams).map((one) => this.#addressesOfProxy(...one))),
      Promise.all(this.#params.dcs.map((text) => resolved(dcsAddressOf(text)))),
      clientAddresses(this.#accesses, this.#params),
      Promise.all(this.proxies.length > 0 ? Object.values(routes).map(resolvedRoute) : []),
    ]);
    const all = [...own, ...ofProxies];
    const isShared = (address: string) => all.filter((each) => each.includes(address)).length > 1;
    const unshared = (each: readonly string[] = []) => each.filter((one) => !isShared(one));
    const found = this.#accesses.map((access, index) => {
      return { access, addresses: unshared(own[index]) };
    });
    const nodes = found.map(({ access, addresses }): Place => {
      const hosted = dcs.filter((member) => isAt(addresses)(member));
      return placeOf(
        access.name,
        addresses,
        portsOf(
          access,
          hosted.flatMap(({ ports }) => ports),
        ),
      );
    });
    const proxies = this.proxies.map((name, index) => {
      const addresses = unshared(ofProxies[index]);
      // Where clients connect to: what a node calls its PostgreSQL port.
      const postgres = entries.filter(isAt(addresses)).map(({ port }) => port);
      return placeOf(name, addresses, { ...noPorts, postgres });
    });
    const nodeAt = (addresses: readonly string[]) =>
      found.find((node) => node.addresses.some((one) => addresses.includes(one)))?.access.name;
    return {
      nodes,
      dcs: dcs.map(({ name, addresses, ports }) =>
        placeOf(nodeAt(addresses) ?? name, addresses, { ...noPorts, dcs: ports }),
      ),
      sites: [placeOf('clients', sites, noPorts)],
      ...(proxies.length > 0 && { proxies }),
    };
  }

  async #addressesOfProxy(
    name: string,
    { host, addresses }: ProxyParams,
  ): Promise<readonly string[]> {
    const [named, { addresses: said }] = await Promise.all([addressesOf(host), this.facts(name)]);
    return [...new Set([...named, ...addresses, ...said])];
  }

  /** As clients and Patroni name it, and as the machine itself says. */
  async #addressesOf(access: NodeAccess): Promise<readonly string[]> {
    const { name, endpoint, rest, params } = access;
    const hosts = [endpoint.host, ...(rest && 'host' in rest ? [rest.host] : [])];
    const named = await Promise.all([...new Set(hosts)].map((host) => addressesOf(host)));
    const said = shellTo(access) ? (await this.facts(name)).addresses : [];
    return [...new Set([...named.flat(), ...params.addresses, ...said])];
  }
}

/** An open path answers at once; a busy machine does not. */
const openSeconds = 10;
/** Its own name: other files beside it are not ours. */
export const ballastName = '.forkpoint.ballast';
const noWay =
  'no SSH_CONNECTION there, so the connection of ssh itself cannot be spared from a cut; does its sshd, or a ForceCommand, drop it?';
const noPorts: ServicePorts = { postgres: [], patroni: [], dcs: [] };

function portsOf({ endpoint, rest }: NodeAccess, dcs: readonly number[]): ServicePorts {
  return {
    postgres: [endpoint.port],
    patroni: rest && 'port' in rest ? [rest.port] : [],
    dcs,
  };
}

function placeOf(name: string, addresses: readonly string[], servicePorts: ServicePorts): Place {
  const [address = '', ...others] = addresses;
  return { name, address, others, servicePorts };
}

function isAt(addresses: readonly string[]) {
  return (other: { readonly addresses: readonly string[] }) =>
    other.addresses.some((one) => addresses.includes(one));
}

async function resolvedRoute({ host, port }: DcsAddress) {
  return { addresses: await addressesOf(host), port };
}

/** etcd's members speak to each other on the next port. */
async function resolved({ host, port }: DcsAddress) {
  const ports = port === 2379 ? [port, 2380] : [port];
  return { name: `${host}:${port}`, addresses: await addressesOf(host), ports };
}

/** Errors: ClusterError for a name that leads nowhere. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new ClusterError(`${host}: ${messageOf(error)}`, { cause: error });
  }
}
