import type { FileControl } from '../../contracts/cluster.ts';
import { ClusterError } from '../../std/errors.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { dataFolder, folder } from './layout.ts';

// pg_wal is a link to the other disk: its content is copied in its place.
const copyScript = `
mkdir -p "$1" && cp -a --reflink=auto ${dataFolder}/. "$1"; code=$?
if [ -L "$1/pg_wal" ]; then
  rm "$1/pg_wal" && cp -a --reflink=auto ${dataFolder}/pg_wal/. "$1/pg_wal" || code=$?
fi
du -sb "$1"; exit $code`;

/** Copies within the container: the copy is gone with it. */
export function fileControl(access: Access, box: Box): FileControl {
  return {
    snapshotData: async (label) => {
      const path = `${folder}/snapshots/${label.replace(/[^\w.-]/g, '-')}`;
      const fail = (why: string) => new ClusterError(`${box.name}: snapshot ${label}: ${why}`);
      const copied = await access.shell(box).run(['sh', '-c', copyScript, 'sh', path]);
      // A running server removes files while they are copied; anything else is a copy one cannot rely on.
      const broken = copied.stderr
        .split('\n')
        .filter((line) => line !== '' && !line.includes('No such file or directory'));
      if (copied.exitCode > 1 || broken.length > 0) {
        throw fail(broken.join('; ') || `exit code ${copied.exitCode}`);
      }
      return { path, bytes: Number(copied.stdout.split('\t')[0]) };
    },
  };
}
