import type { SinkServer } from '../../contracts/cluster.ts';
import { ports, type Place } from '../../machine/layout.ts';
import { signalProcesses, isProcessRunning } from '../../machine/processes.ts';
import { connect } from '../../pg/connect.ts';
import { waitUntil } from '../../std/wait.ts';
import { startSinkServer } from './daemons.ts';
import { hostPath, labShell, socketFolder } from './enter.ts';
import type { LabRecord } from './record.ts';

const startTimeoutMs = 60_000;

/** The lab's PostgreSQL beside its cluster. */
export function sinkOf(record: LabRecord, place: Place): SinkServer {
  const { name, address } = place;
  const { credentials } = record;
  const machine = { name, shell: labShell(record, name) };
  const observer = { host: hostPath(record, socketFolder(name)), port: ports.postgres };
  return {
    endpoint: { host: address, port: ports.postgres },
    observer,
    credentials,
    kill: () => signalProcesses(machine, 'postgres', 'SIGKILL'),
    freeze: () => signalProcesses(machine, 'postgres', 'SIGSTOP'),
    thaw: () => signalProcesses(machine, 'postgres', 'SIGCONT'),
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
