import type { NodeSpace } from '../contracts/cluster.ts';
import type { Shell } from '../contracts/shell.ts';
import { messageOf } from '../std/errors.ts';

const timeoutMs = 5_000;

/**
 * For each folder a line: the number of its disk's device, free blocks, bytes of a block. Not by df: it asks for the mount point,
 * which by another process' root, as in a pod, is none of its own.
 */
const script = `for folder do
  device=$(stat -c %d "$folder") && blocks=$(stat -f -c '%a %S' "$folder") || exit 1
  echo "$device $blocks"
done`;

/** The space left for a server's data and its WAL. Only reads. Never rejects: what is not known says why. */
export async function freeSpace(
  { name, shell }: { readonly name: string; readonly shell: Shell },
  dataDirectory: string,
  signal: AbortSignal,
): Promise<NodeSpace> {
  // The trailing dot follows a pg_wal that is a link to another disk.
  const folders = [dataDirectory, `${dataDirectory}/pg_wal/.`];
  try {
    const argv = ['sh', '-c', script, 'sh', ...folders];
    const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs, signal });
    const [data, wal] = exitCode === 0 ? stdout.trim().split('\n').map(parsed) : [];
    if (data && wal) {
      const isOne = data.device === wal.device;
      return { node: name, dataBytes: data.bytes, walBytes: wal.bytes, isOne };
    }
    const why = stderr.trim() === '' ? 'no figures' : stderr.trim();
    return { node: name, unknown: `stat -f ${folders.join(' ')}: ${why}` };
  } catch (error) {
    signal.throwIfAborted();
    return { node: name, unknown: messageOf(error) };
  }
}

/** Shape: `device blocks blockSize`. */
function parsed(line: string) {
  const [, device, blocks, size] = /^(\d+) (\d+) (\d+)$/.exec(line) ?? [];
  return device === undefined ? undefined : { device, bytes: Number(blocks) * Number(size) };
}
