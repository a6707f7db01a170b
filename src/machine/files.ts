import type { FileControl } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import type { ShelledMachine } from './run-script.ts';

const copyTimeoutMs = 120_000;

// pg_wal may be a link to another disk: its content replaces the link in the copy.
const copyScript = `
mkdir -p "$2" && cp -a --reflink=auto "$1/." "$2"; code=$?
if [ -L "$2/pg_wal" ]; then
  rm "$2/pg_wal" && cp -a --reflink=auto "$1/pg_wal/." "$2/pg_wal" || code=$?
fi
du -sb "$2"; exit $code`;

export interface DataPlace extends ShelledMachine {
  readonly dataFolder: string;
  /** Folder for the copies, on the machine: they are lost with it. */
  readonly snapshots: string;
}

export function fileControl({ name, shell, dataFolder, snapshots }: DataPlace): FileControl {
  return {
    dataFolder,
    snapshotData: async (label) => {
      const path = `${snapshots}/${label.replace(/[^\w.-]/g, '-')}`;
      const argv = ['sh', '-c', copyScript, 'sh', dataFolder, path];
      const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs: copyTimeoutMs });
      // A running server removes files while they are copied; any other error makes the copy unreliable.
      const broken = stderr.split('\n').filter((line) => line !== '' && !isVanished(line));
      if (exitCode > 1 || broken.length > 0) {
        const why = broken.join('; ') || `exit code ${exitCode}`;
        throw new ClusterError(`${name}: snapshot ${label}: ${why}`);
      }
      return { path, bytes: Number(stdout.split('\t')[0]) };
    },
  };
}

function isVanished(line: string): boolean {
  return line.includes('No such file or directory');
}
