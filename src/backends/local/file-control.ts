import type { FileControl } from '../../contracts/cluster.ts';
import { ClusterError } from '../../std/errors.ts';
import { run, runOk } from '../../std/exec.ts';
import { dataFolder } from './disks.ts';
import { enter } from './enter.ts';
import { labFolder } from './layout.ts';
import type { LabRecord } from './record.ts';

const copyTimeoutMs = 120_000;

// pg_wal is a link to the other disk: its content is copied in its place.
const copyScript = `
mkdir -p "$2" && cp -a --reflink=auto "$1/." "$2"; code=$?
if [ -L "$2/pg_wal" ]; then
  rm "$2/pg_wal" && cp -a --reflink=auto "$1/pg_wal/." "$2/pg_wal" || code=$?
fi
exit $code`;

/** Copies within the lab: the copy is gone with it. */
export function fileControl(record: LabRecord, node: string): FileControl {
  const folder = `${labFolder}/${node}`;
  return {
    snapshotData: async (label) => {
      const path = `${folder}/snapshots/${label.replace(/[^\w.-]/g, '-')}`;
      const inLab = enter(record, node);
      const fail = (message: string) => new ClusterError(`${node}: snapshot ${label}: ${message}`);
      const script = [...inLab, 'sh', '-c', copyScript, 'sh', dataFolder(node), path];
      const copied = await run(script, { timeoutMs: copyTimeoutMs });
      // A running server removes files while they are copied; anything else is a copy one cannot rely on.
      const broken = copied.stderr.split('\n').filter((line) => line && !isVanished(line));
      if (copied.exitCode > 1 || broken.length > 0) throw fail(broken.join('; ') || 'timed out');
      const size = await runOk([...inLab, 'du', '-sb', path], fail);
      return { path, bytes: Number(size.split('\t')[0]) };
    },
  };
}

function isVanished(line: string): boolean {
  return line.includes('No such file or directory');
}
