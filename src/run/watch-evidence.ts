import type { Cluster } from '../contracts/cluster.ts';
import type { Result } from '../contracts/result.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import { messageOf } from '../std/errors.ts';
import { dropCopies } from './evidence/drop-copies.ts';
import { EvidenceWatch } from './evidence/evidence-watch.ts';
import type { RunFolder } from './run-folder.ts';

/** Undefined where no failover can erase anything, or the scenario wants none. */
export async function watchEvidence(
  run: RunFolder,
  cluster: Cluster,
): Promise<EvidenceWatch | undefined> {
  const { plan, directory, options } = run;
  if (plan.scenario.evidence === 'off' || cluster.nodes.length < 2) return undefined;
  return EvidenceWatch.open(cluster, {
    directory,
    signal: options.signal,
    loadStartMs: () => run.loadStartMs,
    note: (what) => run.note(what),
  });
}

/** Keeps the copies only where they may hold what the cluster has lost. What goes wrong is a note. */
export async function settleEvidence(run: RunFolder, { writes }: Result): Promise<void> {
  if (lostWrites(writes) !== 0 || (writes.lostLocalOnly ?? 0) > 0) return;
  await dropCopies(run.directory).catch((error: unknown) => {
    run.note(`copies of data directories are still in evidence/: ${messageOf(error)}`);
  });
}
