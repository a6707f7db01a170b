import type { ShelledMachine } from '../../machine/run-script.ts';
import { runScript } from '../../machine/run-script.ts';
import { connect } from '../../pg/connect.ts';
import { ClusterError, messageOf } from '../../std/errors.ts';
import type { NodeAccess } from './access.ts';

const timeoutMs = 5_000;

// A folder on the root file system would fill the whole machine, its logs and its sshd included.
/** Shell: data directory, folder for data, folder for WAL, the machine's root -> one line for each thing that is wrong. */
const script = `
own=$4
check() {
  [ -d "$2" ] || { echo "disks.$1: there is no folder $2"; return; }
  [ -e "$3" ] || { echo "disks.$1: $3, where the server has its files, is not there: another mount namespace?"; return; }
  folder=$(stat -L -c %d "$2") files=$(stat -L -c %d "$3") root=$(stat -L -c %d "$own")
  if [ "$folder" = "$root" ]; then echo "disks.$1: $2 is on the root file system, and filling that harms the whole machine"
  elif [ "$folder" != "$files" ]; then echo "disks.$1: $2 is on another file system than $3, so filling it would fill nothing of the server's"
  fi
}
check data "$2" "$1"
check wal "$3" "$1/pg_wal"`;

/** Why a node's disks cannot be filled honestly; empty: they can. Only looks. */
export async function examineDisks(
  machine: ShelledMachine,
  access: NodeAccess,
): Promise<readonly string[]> {
  const { disks } = access.params;
  if (!disks) return [`${access.name}: its cluster file names no disks`];
  try {
    const data = access.params.data ?? (await dataDirectoryOf(access));
    const folder = `${access.root ?? ''}${data}`;
    // Of a pod it is that of its node, which a helper sees as its first process's.
    const root = access.root === undefined ? '/' : '/proc/1/root/';
    const args = [folder, disks.data, disks.wal, root] as const;
    const said = await runScript(machine, 'its disks', [script, ...args]);
    const lines = said.split('\n').filter((line) => line !== '');
    return lines.map((line) => `${access.name}: ${line}`);
  } catch (error) {
    return [messageOf(error)];
  }
}

async function dataDirectoryOf({ name, endpoint, credentials }: NodeAccess): Promise<string> {
  await using session = await connect(endpoint, credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    applicationName: 'forkpoint preflight',
    settings: 'reader',
  });
  const [row] = await session.rows<{ data_directory: string }>('SHOW data_directory');
  if (row) return row.data_directory;
  throw new ClusterError(`${name}: does not say where its data directory is; add data to its node`);
}
