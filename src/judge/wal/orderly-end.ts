import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TakenEvidence } from '../../contracts/evidence.ts';
import { controlDataOf } from '../../pg/control-data.ts';
import { lsnNumber } from '../../std/units/lsn.ts';
import type { OldWal } from './old-wal.ts';

/** As a standby it writes no WAL of its own. */
const asStandby: ReadonlySet<string> = new Set(['in archive recovery', 'shut down in recovery']);

/**
 * Whether the old primary was shut down in order and wrote nothing after that: its WAL ends in the checkpoint of that shutdown, and its control
 * file, which a rewind replaces and a later start as a primary marks, names the same as its latest. The WAL alone says too little: that of a
 * new primary, which a rewind copies, ends in the same record.
 */
export async function endedInOrder(
  directory: string,
  { folder, timeline, skipped }: TakenEvidence,
  { shutdownAt }: OldWal,
): Promise<boolean> {
  const file = path.join(directory, folder, 'pg_controldata.txt');
  const control = controlDataOf(await readFile(file, 'utf8').catch(() => ''));
  const { state, checkpoint, checkpointTimeline } = control;
  const isOwn = checkpointTimeline === timeline && control.timeline === timeline;
  if (!isOwn || checkpoint === undefined || lsnNumber(checkpoint) !== shutdownAt) return false;
  // Started since: whether it was rewound before its WAL was taken was asked after that.
  const isRewindKnown = skipped.every(({ what }) => what !== 'time of the rewind');
  return state === 'shut down' || (asStandby.has(state) && isRewindKnown);
}
