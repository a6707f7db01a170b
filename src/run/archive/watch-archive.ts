import path from 'node:path';
import type { ArchiveEvidence, ArchiveFound, Restore, WalPlace } from '../../contracts/archive.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { archiveFile } from '../../evidence/store/read-archive.ts';
import { messageOf } from '../../std/errors.ts';
import { lsnDistance } from '../../std/units/lsn.ts';
import { writeWhole } from '../../std/write-whole.ts';
import type { FollowedRun } from '../downstream/running.ts';
import { closeSegment, untilArchived, type WalEnd } from './close-segment.ts';
import { openStore } from './open-store.ts';
import { restore } from './restore.ts';
import type { WalStore } from './wal-store.ts';

/** The run's archive. Disposing it removes the base backup. */
export interface ArchiveWatch extends AsyncDisposable {
  /** Closes the last segment, waits until it is archived, restores what there is, and keeps what was found as archive.json. */
  readBack(moreWriters: number): Promise<void>;
}

/** Takes the base backup that restores begin with, before the load. Undefined where the scenario has no archive. */
export async function watchArchive(
  run: FollowedRun,
  cluster: Cluster,
): Promise<ArchiveWatch | undefined> {
  if (!run.plan.scenario.cluster.archive) return undefined;
  const store = await openStore(cluster, run.options.signal);
  return {
    readBack: async (moreWriters) => {
      const evidence = await evidenceOf(run, { cluster, store, moreWriters });
      const text = JSON.stringify(evidence);
      await writeWhole(path.join(run.directory, archiveFile), text);
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

interface Archive {
  readonly cluster: Cluster;
  readonly store: WalStore;
  readonly moreWriters: number;
}

async function evidenceOf(run: FollowedRun, archive: Archive): Promise<ArchiveEvidence> {
  const head = { schemaVersion: 1, runId: run.id } as const;
  const { signal } = run.options;
  try {
    const end = await closeSegment(archive.cluster, signal);
    await untilArchived(archive.store, end.segment, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      run.note(messageOf(error));
    });
    return { ...head, found: await foundIn(run, archive, end) };
  } catch (error) {
    signal.throwIfAborted();
    return { ...head, reason: messageOf(error) };
  }
}

async function foundIn(
  run: FollowedRun,
  { cluster, store, moreWriters }: Archive,
  { segmentBytes, end, ancestors }: WalEnd,
): Promise<ArchiveFound> {
  const { id: runId, directory, plan, options } = run;
  const { registry, signal } = options;
  const { database } = cluster.credentials;
  const reading = { runId, directory, plan, registry, signal, moreWriters };
  const fork = forkSince(store.from, ancestors);
  const targets = [
    { to: 'end' } as const,
    ...(fork ? [{ to: 'fork', lsn: fork.lsn } as const] : []),
  ];
  const restores: Restore[] = [];
  for (const target of targets) {
    restores.push(await restore(target, { ...reading, store, database }));
  }
  const { from, isNoted } = store;
  const [files, pushes] = [await store.files(), await store.pushes()];
  const noted = isNoted && { isNoted };
  return { segmentBytes, from, end, ancestors, files, ...noted, pushes, restores };
}

/** The last fork of the final primary's history that the base backup lies before. */
function forkSince(from: WalPlace, ancestors: readonly WalPlace[]): WalPlace | undefined {
  const fork = ancestors.at(-1);
  return fork && lsnDistance(fork.lsn, from.lsn) > 0 ? fork : undefined;
}
