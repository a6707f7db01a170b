import type { SinkServer } from '../../contracts/cluster.ts';
import { ports, type Place } from '../../machine/layout.ts';
import { networkControl } from '../../machine/network.ts';
import { signalProcesses, isProcessRunning } from '../../machine/processes.ts';
import { connect } from '../../pg/connect.ts';
import { waitUntil } from '../../std/wait.ts';
import { startSinkServer } from './daemons.ts';
import { hostPath, labShell, socketFolder } from './enter.ts';
import type { LabRecord } from './record.ts';

const startTimeoutMs = 60_000;
const connectTimeoutMs = 5_000;
/** Of its rules. */
const tag = 'sink';

/** The lab's PostgreSQL beside its cluster. */
export function sinkOf(record: LabRecord, place: Place): SinkServer {
  const { name, address } = place;
  const { credentials } = record;
  const machine = { name, shell: labShell(record, name) };
  const observer = { host: hostPath(record, socketFolder(name)), port: ports.postgres };
  const network = networkControl(machine, record.layout);
  return {
    endpoint: { host: address, port: ports.postgres },
    observer,
    credentials,
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
