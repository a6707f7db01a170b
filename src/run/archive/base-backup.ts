import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { WalPlace } from '../../contracts/archive.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { programsFor } from '../../salvage/programs.ts';
import { ClusterError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { temporaryFolder } from '../../std/temporary-folder.ts';
import { primaryNode } from '../primary-node.ts';
import { majorOf } from './major-version.ts';

const backupTimeoutMs = 120_000;

/** Disposing it removes it. */
export interface BaseBackup extends AsyncDisposable {
  readonly data: string;
  /** The server's major version: '17'. */
  readonly version: string;
  /** Where a restore of it begins to read WAL. */
  readonly from: WalPlace;
}

/**
 * Takes a base backup of the primary as it is now, on this host.
 * Errors: EnvironmentError when this host lacks the server's programs; ClusterError.
 */
export async function takeBaseBackup(cluster: Cluster, signal: AbortSignal): Promise<BaseBackup> {
  const node = await primaryNode(cluster, signal);
  if (!node) throw new ClusterError('no node is primary, so no base backup can be taken');
  const version = majorOf(cluster.versions.postgres);
  const program = path.join(programsFor(version), 'pg_basebackup');
  const { user, password } = cluster.credentials;
  const { host, port } = node.observer;
  const folder = await temporaryFolder('backup');
  const remove = () => rm(folder, { recursive: true, force: true });
  const data = path.join(folder, 'data');
  try {
    await runOk(
      [
        ...[program, '-D', data, '-h', host, '-p', String(port), '-U', user, '--no-password'],
        // With the WAL that it needs itself: what the archive lacks of the time before the load costs no write of the run.
        ...['-X', 'fetch', '--checkpoint=fast', '--no-sync'],
      ],
      (message) => new ClusterError(`${node.name}: the base backup failed: ${message}`),
      {
        signal,
        timeoutMs: backupTimeoutMs,
        env: password === undefined ? {} : { PGPASSWORD: password },
      },
    );
    const label = await readFile(path.join(data, 'backup_label'), 'utf8');
    return { data, version, from: beginOf(label), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Shape: lines of text; the first: START WAL LOCATION: 0/2000028 (file 000000010000000000000002). Source: PostgreSQL, xlogbackup.c. */
function beginOf(label: string): WalPlace {
  const [, lsn] = /^START WAL LOCATION: ([0-9A-F]+\/[0-9A-F]+) /m.exec(label) ?? [];
  const [, timeline] = /^START TIMELINE: (\d+)$/m.exec(label) ?? [];
  if (lsn === undefined || timeline === undefined) {
    throw new ClusterError(`the base backup's label does not say where it begins: ${label}`);
  }
  return { lsn, timeline: Number(timeline) };
}
