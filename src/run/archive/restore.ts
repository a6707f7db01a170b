import type { Restore, RestoreTarget, WalPlace } from '../../contracts/archive.ts';
import type { Credentials } from '../../contracts/cluster.ts';
import type { NodeReading } from '../../contracts/evidence.ts';
import { hostServer } from '../../salvage/host-server.ts';
import { startStandalone, type StandaloneServer } from '../../salvage/standalone.ts';
import { messageOf } from '../../std/errors.ts';
import { monotonicMs } from '../../std/wait.ts';
import { readCopy, type ReadRunOptions } from '../read-back.ts';
import type { WalStore } from './wal-store.ts';

export interface RestoreOptions extends Omit<ReadRunOptions, 'convergence' | 'beforeStored'> {
  readonly store: WalStore;
  readonly database: string;
}

/** Restores the base backup and the WAL of the archive into a server of its own, and reads the run's rows there. The server ends with that. */
export async function restore(
  target: { readonly to: RestoreTarget; readonly lsn?: string },
  options: RestoreOptions,
): Promise<Restore> {
  const { store, database, signal } = options;
  const { lsn } = target;
  const name = lsn === undefined ? 'the restore to the end' : `the restore to ${lsn}`;
  const startedMs = monotonicMs();
  try {
    const { data, recovery } = await store.restored(lsn, signal);
    const here = hostServer(store.version);
    await using server = await startStandalone(data, here, { name, signal, recovery });
    const reached = await endOf(server);
    const credentials: Credentials = { user: 'postgres', database };
    const place = { name: 'restored', observer: server.endpoint };
    return { ...target, reached, reading: await readCopy(place, credentials, options) };
  } catch (error) {
    signal.throwIfAborted();
    const ms = Math.round(monotonicMs() - startedMs);
    const reason = messageOf(error);
    const reading = { ...nothing, reason, ms };
    return { ...target, reached: null, ...(refusal.test(reason) && { isRefused: true }), reading };
  }
}

/** What the startup process says of WAL that is not there, as opposed to trouble of this host. Source: PostgreSQL, xlogrecovery.c and xlog.c. */
const refusal =
  /recovery ended before configured recovery target|WAL ends before|could not (?:find|locate) (?:a valid|required|redo)|requested (?:timeline|recovery)/;

const nothing = {
  node: 'restored',
  status: 'unverifiable',
  role: 'down',
  rows: 0,
  writers: [],
  foreign: [],
  partitions: [],
  structure: [],
} as const satisfies Omit<NodeReading, 'ms'>;

/**
 * The new timeline of the restored server forks where its recovery ended. Its history file is taken as it is: recovery that ends at a
 * gap before a fork which it knows writes one that goes backwards, and that PostgreSQL would refuse.
 */
async function endOf(server: StandaloneServer): Promise<WalPlace | null> {
  await using session = await server.session('postgres');
  const [newest] = await session.rows<{ text: string }>(
    `SELECT pg_read_file('pg_wal/' || name) AS text FROM pg_ls_waldir()
     WHERE name ~ '^[0-9A-F]{8}[.]history$' ORDER BY name DESC LIMIT 1`,
  );
  const last = newest?.text.trim().split('\n').at(-1) ?? '';
  const [, timeline, lsn] = /^(\d+)\t([0-9A-F]+\/[0-9A-F]+)/.exec(last) ?? [];
  return lsn === undefined ? null : { timeline: Number(timeline), lsn };
}
