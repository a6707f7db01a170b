import type { NetworkControl, SinkServer } from '../../contracts/cluster.ts';
import { diskControl } from '../../machine/disk.ts';
import { ports, type Place } from '../../machine/layout.ts';
import { networkControl } from '../../machine/network.ts';
import { signalProcesses, isProcessRunning } from '../../machine/processes.ts';
import { connect } from '../../pg/connect.ts';
import { waitUntil } from '../../std/wait.ts';
import { startSinkServer } from './daemons.ts';
import { diskFolders } from './disks.ts';
import { clientSite, hostPath, labShell, socketFolder } from './enter.ts';
import { consumersSite } from './layout.ts';
import type { LabRecord } from './record.ts';

const startTimeoutMs = 60_000;
const connectTimeoutMs = 5_000;
/** Of the rules that cut it off, and of those between the nodes and their readers. */
const tag = 'sink';
const sourceTag = 'source';

/** The lab's PostgreSQL beside its cluster. */
export function sinkOf(record: LabRecord, place: Place): SinkServer {
  const { name, address } = place;
  const { credentials } = record;
  const machine = { name, shell: labShell(record, name) };
  const observer = { host: hostPath(record, socketFolder(name)), port: ports.postgres };
  const network = networkControl(machine, record.layout);
  const disk = diskControl({ ...machine, disks: diskFolders(name) });
  const readers = readersOf(record, network);
  return {
    endpoint: { host: address, port: ports.postgres },
    observer,
    credentials,
    consumers: clientSite(record, consumersSite),
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
    cutSource: async () => {
      const rules = record.layout.nodes.flatMap(({ name: node }) => {
        const peer = { kind: 'node', name: node } as const;
        const all = { action: 'drop', peer, service: 'postgres' } as const;
        return [{ ...all, direction: 'in' } as const, { ...all, direction: 'out' } as const];
      });
      await Promise.all(readers.map((reader) => reader.apply(sourceTag, rules)));
    },
    mendSource: async () => {
      await Promise.all(readers.map((reader) => reader.clear(sourceTag)));
    },
    start: async () => {
      if (!(await isProcessRunning(machine, 'postgres'))) await startSinkServer(record, place);
      const answers = async () => {
        await using session = await connect(observer, credentials, { connectTimeoutMs: 1_000 });
        return (await session.rows('SELECT 1')).length === 1;
      };
      await waitUntil('the sink answers', answers, { timeoutMs: startTimeoutMs });
    },
  };
}

/** The networks of who reads the cluster: the consumers, and the sink where it subscribes. */
function readersOf(record: LabRecord, ofSink: NetworkControl): readonly NetworkControl[] {
  const machine = { name: consumersSite, shell: labShell(record, consumersSite) };
  return [ofSink, networkControl(machine, record.layout)];
}
