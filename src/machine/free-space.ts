import type { NodeSpace } from '../contracts/cluster.ts';
import type { Shell } from '../contracts/shell.ts';
import { messageOf } from '../std/errors.ts';

const timeoutMs = 5_000;
const blockBytes = 1024;

/** The space left for a server's data and its WAL. Only reads. Never rejects: what is not known says why. */
export async function freeSpace(
  { name, shell }: { readonly name: string; readonly shell: Shell },
  dataDirectory: string,
  signal: AbortSignal,
): Promise<NodeSpace> {
  // The trailing dot follows a pg_wal that is a link to another disk.
  const argv = ['df', '-Pk', dataDirectory, `${dataDirectory}/pg_wal/.`];
  try {
    const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs, signal });
    const [data, wal] = exitCode === 0 ? stdout.trim().split('\n').slice(1).map(parsed) : [];
    if (data && wal) {
      return { node: name, dataBytes: data.bytes, walBytes: wal.bytes, isOne: data.on === wal.on };
    }
    const why = stderr.trim() === '' ? 'no figures' : stderr.trim();
    return { node: name, unknown: `${argv.join(' ')}: ${why}` };
  } catch (error) {
    signal.throwIfAborted();
    return { node: name, unknown: messageOf(error) };
  }
}

/** Shape: `Filesystem 1024-blocks Used Available Capacity Mounted-on`, as POSIX has it. */
function parsed(line: string) {
  const [, available, on] = /\s(\d+)\s+\d+%\s+(\S.*)$/.exec(line) ?? [];
  return available === undefined || on === undefined
    ? undefined
    : { bytes: Number(available) * blockBytes, on };
}
