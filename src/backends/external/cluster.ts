import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type {
  CapabilityName,
  Cluster,
  LockReader,
  Machine,
  Node,
  PatroniControl,
  RouteEntry,
  Versions,
} from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import { diskControl } from '../../machine/disk.ts';
import { foreignRewind } from '../../machine/foreign-rewind.ts';
import { processControl } from '../../machine/processes.ts';
import { probeMachine } from '../../machine/probe.ts';
import { sqlControl } from '../../machine/sql.ts';
import { observeServers } from '../../patroni/observe-servers.ts';
import { farStepTimeoutMs, Observer } from '../../patroni/observer.ts';
import { patroniControl } from '../../patroni/control.ts';
import type { PatroniMember } from '../../patroni/rest.ts';
import { RestLocks } from '../../patroni/rest-locks.ts';
import { readTopology } from '../../patroni/topology.ts';
import { ClusterError } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';
import { clientSite } from './client-site.ts';
import { guardOf } from './guard.ts';
import { ballastName, type Machines } from './machines.ts';
import { externalNetwork } from './network.ts';
import { externalShaping } from './shaping.ts';
import type { ExternalParams, Harm } from './params.ts';
import { spaceOf } from './space.ts';

export interface ExternalCluster {
  readonly id: string;
  readonly params: ExternalParams;
  readonly accesses: readonly NodeAccess[];
  readonly machines: Machines;
  readonly versions: Versions;
  /** Capabilities that the plan's faults need. */
  readonly needs: readonly CapabilityName[];
  /** Where the load's routes lead; absent: none was asked for. */
  readonly routes?: readonly RouteEntry[];
  /** Where the leader lock is read; absent: from Patroni's REST interfaces, if every node has one. */
  readonly locks?: LockReader;
  readonly notes?: readonly string[];
  /** The claim on the cluster: disposed with it. */
  readonly hold: AsyncDisposable;
}

/** The cluster as it is. Disposing it closes our connections and leaves it up. */
export function clusterOf(known: ExternalCluster): Cluster {
  const { id, params, accesses, machines, versions, hold } = known;
  const members = accesses.flatMap(({ name, rest }): readonly PatroniMember[] =>
    rest ? [{ node: name, target: rest }] : [],
  );
  const hasRest = members.length === accesses.length;
  const locks = known.locks ?? (hasRest ? new RestLocks(members, farStepTimeoutMs) : undefined);
  const observed = locks ? observeMembers(accesses, locks) : observeServers(accesses);
  const [first] = accesses;
  if (!first) throw new ClusterError('the cluster file names no node');
  return {
    id,
    backend: 'external',
    // Names secrets and holds none.
    record: { backend: 'external', id, params },
    nodes: accesses.map((access) => nodeOf(access, known)),
    ...(machines.proxies.length > 0 && {
      proxies: machines.proxies.map((name) => proxyOf(name, params.consent, machines)),
    }),
    sites: [clientSite(params)],
    credentials: first.credentials,
    versions,
    ...(known.routes && known.routes.length > 0 && { routes: known.routes }),
    ...(known.notes && { notes: known.notes }),
    ...guardOf(known),
    foreign: {
      minFreeConnections: params.minFree,
      space: (signal) => Promise.all(accesses.map((access) => spaceOf(access, signal))),
    },
    ...(hasRest && { patroni: controlOf(members, params.consent) }),
    topology: (signal) => observed.topology(signal),
    collectLogs: async (directory) => {
      await mkdir(directory, { recursive: true });
      const text = 'Logs of a cluster that is not ours are not collected.\n';
      await writeFile(path.join(directory, 'README.txt'), text);
    },
    [Symbol.asyncDispose]: async () => {
      await observed[Symbol.asyncDispose]();
      await hold[Symbol.asyncDispose]();
    },
  };
}

/** What Patroni is configured for may always be read; what changes something takes consent, whatever the planner let pass. */
function controlOf(members: readonly PatroniMember[], consent: readonly Harm[]): PatroniControl {
  const control = patroniControl(members);
  if (consent.includes('patroni')) return control;
  const refuse = (): Promise<never> =>
    Promise.reject(new ClusterError('its cluster file does not allow it; add patroni to consent'));
  return {
    config: (signal) => control.config(signal),
    ...(control.read && { read: control.read }),
    switchover: refuse,
    failover: refuse,
    pause: refuse,
    restart: refuse,
    reinitialize: refuse,
  };
}

function observeMembers(
  accesses: readonly NodeAccess[],
  locks: LockReader,
): Pick<Cluster, 'topology'> & AsyncDisposable {
  const observers = new Map(
    accesses.map(({ name, endpoint, credentials }) => [
      name,
      new Observer(endpoint, credentials, farStepTimeoutMs),
    ]),
  );
  return {
    topology: (signal) => readTopology(observers, locks, signal),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...observers.values()].map((observer) => observer[Symbol.asyncDispose]()));
    },
  };
}

/** Controls that the file allows and gives a way to; the others are absent. */
function nodeOf(
  access: NodeAccess,
  { id, params: { consent }, machines }: Pick<ExternalCluster, 'id' | 'params' | 'machines'>,
): Node {
  const { name, endpoint, credentials, params } = access;
  const base: Node = { name, endpoint, observer: endpoint };
  const shell = machines.shell(name);
  return {
    ...base,
    ...(consent.includes('sql') && { sql: sqlControl(endpoint, credentials) }),
    ...(shell && {
      probe: (needs) => probeMachine({ name, shell }, { for: needs, hasRelay: false }),
      ...(consent.includes('shell') && { shell }),
      ...(consent.includes('rewind') && { rewind: foreignRewind({ name, shell }, id) }),
      ...(consent.includes('process') && {
        process:
          access.process ??
          processControl({ name, shell }, () => startPatroni(name, shell, params)),
      }),
      ...(consent.includes('shaping') && { shaping: externalShaping({ name, shell }, machines) }),
      ...(consent.includes('disk') &&
        params.disks && {
          disk: diskControl({ name, shell, disks: params.disks, ballast: ballastName }),
        }),
      ...(consent.includes('network') && { network: externalNetwork({ name, shell }, machines) }),
    }),
  };
}

/** Its packets alone: what runs there is not ours to stop. */
function proxyOf(name: string, consent: readonly Harm[], machines: Machines): Machine {
  const shell = machines.shell(name);
  if (!shell) return { name };
  const machine = { name, shell };
  return {
    name,
    probe: (needs) => probeMachine(machine, { for: needs, hasRelay: false }),
    ...(consent.includes('shaping') && { shaping: externalShaping(machine, machines) }),
    ...(consent.includes('network') && { network: externalNetwork(machine, machines) }),
  };
}

/**
 * In /, as an init system would: a login's home folder, where a shell begins, may be closed to the account of PostgreSQL, and
 * Patroni then cannot start it.
 */
async function startPatroni(
  name: string,
  shell: Shell,
  { start, units }: NodeAccess['params'],
): Promise<void> {
  const argv = start ?? ['systemctl', 'start', units?.patroni ?? 'patroni.service'];
  const { exitCode, stderr } = await shell.run(['sh', '-c', 'cd / && exec "$@"', 'sh', ...argv], {
    timeoutMs: 30_000,
  });
  if (exitCode === 0) return;
  throw new ClusterError(`${name}: ${argv.join(' ')}: exit code ${exitCode}: ${stderr.trim()}`);
}
