import type { DiskArea } from '../../contracts/cluster.ts';
import { EnvironmentError } from '../../std/errors.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { disks } from './layout.ts';
import { memberLogs } from './logs.ts';

const noSpace = 'No space left on device';

/**
 * The first line in a member's logs about a full disk, as an error; undefined if there is none. For booting only: later a
 * fault may have filled the disk.
 */
export async function findFullDisk(
  access: Access,
  box: Box,
): Promise<EnvironmentError | undefined> {
  const { stdout } = await access.shell(box).run(['grep', '-hm1', noSpace, ...memberLogs]);
  const [line = ''] = stdout.split('\n');
  if (line === '') return undefined;
  const { stdout: sizes } = await access
    .shell(box)
    .run(['df', '-h', '--output=size', disks.data, disks.wal]);
  const [, data = '', wal = ''] = sizes.split('\n').map((size) => size.trim().toLowerCase());
  return fullDisk(box.name, line, { data, wal });
}

/**
 * Which disk was full cannot be measured: initdb removes its files. The path in the line shows it; PostgreSQL's paths are
 * relative to the data directory.
 */
export function fullDisk(
  node: string,
  line: string,
  sizes: Readonly<Record<DiskArea, string>>,
): EnvironmentError {
  const path = /["'‘]([^"'’]+)["'’]/.exec(line)?.[1] ?? '';
  const area = /^(pg_wal|\/var\/lib\/postgresql\/wal)\b/.test(path)
    ? 'wal'
    : /^([^/]|\/var\/lib\/postgresql\/disk\b)/.test(path)
      ? 'data'
      : undefined;
  if (area === undefined) {
    return new EnvironmentError(
      `${node}: ${line}. Either its disks (\`cluster.disk\`, or FORKPOINT_DOCKER_DISK) are too small, or the engine's own ` +
        'is full (`docker system df` shows what fills it).',
    );
  }
  return new EnvironmentError(
    `${node}: its ${area} disk (${disks[area]}, ${sizes[area]}) is full: ${line}. ` +
      '`cluster.disk`, or FORKPOINT_DOCKER_DISK, is the size of each disk of a member; give 512MB or more.',
  );
}
