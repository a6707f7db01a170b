import type { Cluster } from '../contracts/cluster.ts';
import type { Result } from '../contracts/result.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import { messageOf } from '../std/errors.ts';
import { dropCopies } from './evidence/drop-copies.ts';
import { walOfUnexplained } from './evidence/wal-of-unexplained.ts';
import { EvidenceWatch } from './evidence/evidence-watch.ts';
import { connect } from '../pg/connect.ts';
import { salvageSentence } from '../salvage/describe.ts';
import { presentIn } from '../salvage/present-rows.ts';
import { salvage } from '../salvage/salvage.ts';
import { ClusterError } from '../std/errors.ts';
import { primaryNode } from './primary-node.ts';
import { withDeadline } from '../std/with-deadline.ts';
import type { RunFolder } from './run-folder.ts';

/** Of a salvage. */
const timeoutMs = 120_000;

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
    holdsRejoin: plan.scenario.hold === 'rejoin',
  });
}

/**
 * Looks for what was lost in the copies, and drops them where nothing was. The verdict does not depend on it: what goes wrong is a note.
 */
export async function settleEvidence(
  run: RunFolder,
  cluster: Cluster | undefined,
  result: Result,
): Promise<void> {
  const { writes } = result;
  const lost = lostWrites(writes);
  if (run.plan.scenario.evidence === 'off') return;
  try {
    const where = await walOfUnexplained(run.directory, result);
    if (where !== undefined) run.note(where);
    if (lost === 0 && (writes.lostLocalOnly ?? 0) === 0) await dropCopies(run.directory);
    if (cluster && lost !== null && lost > 0) {
      await withDeadline(salvageRun(run, cluster, result), { what: 'salvage', timeoutMs });
    }
  } catch (error) {
    run.note(`lost rows were not salvaged: ${messageOf(error)}`);
  }
}

async function salvageRun(run: RunFolder, cluster: Cluster, result: Result): Promise<void> {
  const { directory, plan, options } = run;
  const { registry, signal } = options;
  const node = await primaryNode(cluster, signal);
  if (!node) throw new ClusterError('no node is the one primary, to compare lost rows with');
  await using session = await connect(node.observer, cluster.credentials, {
    connectTimeoutMs: 5_000,
    queryTimeoutMs: timeoutMs,
    applicationName: 'forkpoint salvage',
    settings: 'reader',
    signal,
  });
  const present = presentIn(session);
  const summary = await salvage({
    directory,
    plan,
    result,
    registry,
    present: present.rows,
    signal,
  });
  await present.keep(directory);
  run.note(salvageSentence(summary));
}
