import type {
  ClientSite,
  Credentials,
  Endpoint,
  NetworkControl,
  SinkServer,
} from '../contracts/cluster.ts';
import { connect } from '../pg/connect.ts';
import { waitUntil } from '../std/wait.ts';
import { diskControl, type DiskPlace } from './disk.ts';
import type { Layout } from './layout.ts';
import { networkControl } from './network.ts';
import { isProcessRunning, signalProcesses } from './processes.ts';
import type { ShelledMachine } from './run-script.ts';

const startTimeoutMs = 60_000;
const connectTimeoutMs = 5_000;
/** Of the rules that cut it off, and of those between the nodes and their readers. */
const tag = 'sink';
const sourceTag = 'source';

/** A PostgreSQL beside a cluster, as its backend made it. */
export interface SinkParts {
  readonly machine: ShelledMachine;
  readonly layout: Layout;
  readonly disks: DiskPlace['disks'];
  readonly endpoint: Endpoint;
  readonly observer: Endpoint;
  readonly credentials: Credentials;
  readonly consumers: ClientSite;
  /** The machine of the consumers, whose packets can be cut. Absent: they run on this host. */
  readonly readers?: ShelledMachine;
  /** The nodes as the sink's own machine reaches them. */
  readonly sources: readonly Endpoint[];
  /** As the sink's machine names their root certificate; absent: they need none. */
  readonly sourceRootFile?: string;
  /** Called when no process of it is there. */
  startServer(): Promise<void>;
}

/** What can be done to it, by the same means as to a node. */
export function sinkServer(parts: SinkParts): SinkServer {
  const { machine, layout, disks, observer, credentials, readers } = parts;
  const network = networkControl(machine, layout);
  const disk = diskControl({ ...machine, disks });
  return {
    endpoint: parts.endpoint,
    observer,
    credentials,
    consumers: parts.consumers,
    sources: parts.sources,
    ...(parts.sourceRootFile !== undefined && { sourceRootFile: parts.sourceRootFile }),
    kill: () => signalProcesses(machine, 'postgres', 'SIGKILL'),
    freeze: () => signalProcesses(machine, 'postgres', 'SIGSTOP'),
    thaw: () => signalProcesses(machine, 'postgres', 'SIGCONT'),
    cut: () => {
      const all = { action: 'drop', peer: { kind: 'all' }, service: 'all' } as const;
      return network.apply(tag, [
        { ...all, direction: 'in' },
        { ...all, direction: 'out' },
      ]);
    },
    mend: () => network.clear(tag),
    setReadOnly: async (isReadOnly) => {
      await using session = await connect(observer, credentials, { connectTimeoutMs });
      await session.rows(
        isReadOnly
          ? 'ALTER SYSTEM SET default_transaction_read_only = on'
          : 'ALTER SYSTEM RESET default_transaction_read_only',
      );
      await session.rows('SELECT pg_reload_conf()');
    },
    fill: () => disk.fill('data', 0),
    free: () => disk.free('data'),
    ...(readers && sourceCut([network, networkControl(readers, layout)], layout)),
    start: async () => {
      if (!(await isProcessRunning(machine, 'postgres'))) await parts.startServer();
      const answers = async () => {
        await using session = await connect(observer, credentials, { connectTimeoutMs: 1_000 });
        return (await session.rows('SELECT 1')).length === 1;
      };
      await waitUntil('the sink answers', answers, { timeoutMs: startTimeoutMs });
    },
  };
}

/** Rules at those who read the cluster: the consumers, and the sink where it subscribes. */
function sourceCut(
  readers: readonly NetworkControl[],
  { nodes }: Layout,
): Pick<SinkServer, 'cutSource' | 'mendSource'> {
  const rules = nodes.flatMap(({ name }) => {
    const all = { action: 'drop', peer: { kind: 'node', name }, service: 'postgres' } as const;
    return [{ ...all, direction: 'in' } as const, { ...all, direction: 'out' } as const];
  });
  return {
    cutSource: async () => {
      await Promise.all(readers.map((reader) => reader.apply(sourceTag, rules)));
    },
    mendSource: async () => {
      await Promise.all(readers.map((reader) => reader.clear(sourceTag)));
    },
  };
}
