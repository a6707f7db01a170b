import type { NodeReading } from '../contracts/evidence.ts';
import type { Durability } from '../contracts/durability.ts';
import type { LockTheft, LossSummary, Result } from '../contracts/result.ts';
import { runFacts } from '../evidence/events/run-facts.ts';
import type { StoredRun } from '../evidence/store/read-run.ts';
import { hashInt4Extended } from '../pg/checksum.ts';
import { HarnessBug } from '../std/errors.ts';
import { workloadsOf } from '../scenario/words/groups.ts';
import { contains } from '../std/ranges.ts';
import { summarizeLoss } from '../std/units/loss-summary.ts';
import { lockThefts } from './availability/lock-thefts.ts';
import { ancestryOf, type Ancestry } from './causes/ancestry.ts';
import { attributeLosses, type Attribution } from './causes/attribute.ts';
import { BOUNDARY_BYTES, commitsOf } from './causes/boundary.ts';
import { onHistory } from './causes/on-history.ts';
import { patternOf } from './causes/loss-pattern.ts';
import type { Server } from './causes/servers.ts';
import { sightingsIn } from './causes/sightings.ts';
import { disturbedBy } from './causes/disturbed.ts';
import { unflushedBy } from './causes/unflushed.ts';
import { judgeDurability } from './durability/judge.ts';
import { AnswerLog } from './downstream/answer-log.ts';
import { downstreamOf } from './downstream/downstream.ts';
import { archiveResultOf } from './archive/judge-archive.ts';
import { judgePrimary, type PrimaryVerdict } from './ledger/fates.ts';
import { judgeReplica, type ReplicaJudgement } from './ledger/replica.ts';
import { judgeServerIds, type ServerIds } from './ledger/server-ids.ts';
import { partitionLoss } from './ledger/table-partitions.ts';
import { observeJournals, type Observed } from './passes.ts';
import { coverageOf, type Coverage } from './sections/coverage.ts';
import { stagesOf } from './sections/stages.ts';
import { writesSection, type WritesSection } from './sections/writes.ts';
import { truthOf, type Truth } from './truth.ts';
import { commitsAround, type TakenWal } from './wal/taken-wal.ts';
import { journaledWal, walSection } from './wal/wal-section.ts';

/** What the journals and the reading of the nodes say, which nothing adds to once the nodes are read. */
export interface Examined {
  readonly seen: Observed;
  readonly ancestry: Ancestry | undefined;
  readonly truth: Truth;
  readonly coverage: Coverage;
  readonly fates: PrimaryVerdict;
  readonly servers: readonly Server[];
  readonly attribution: Attribution;
  readonly lockThefts: readonly LockTheft[];
  readonly lossSummary: LossSummary;
  readonly lossPattern: Result['lossPattern'];
  readonly serverIds: ServerIds | undefined;
  readonly replicas: readonly ReplicaJudgement[];
  readonly durability: Durability | null;
  readonly written: WritesSection;
  readonly wal: Result['wal'];
  readonly stages: Result['stages'];
  readonly partitions: Result['partitions'];
  /** Absent: the run has no consumers. */
  readonly downstream: Result['downstream'];
  /** Absent: the cluster has no archive. */
  readonly archive: Result['archive'];
}

/** Whether a row of a writer is on a node. */
function presenceIn({ writers }: NodeReading): (writer: number, seq: number) => boolean {
  const rows = new Map(writers.map(({ writer, present }) => [writer, present]));
  return (writer, seq) => contains(rows.get(writer) ?? [], seq);
}

/** Everything that takes longer the more was written. */
export function examine(
  directory: string,
  stored: StoredRun,
  takenWal: readonly TakenWal[],
): Examined {
  const { plan, readBack } = stored;
  const { events } = stored.events;
  const facts = runFacts(events);
  if (facts.runId === undefined) throw new HarnessBug(`${directory}: events.jsonl names no run`);
  const ancestry = readBack && ancestryOf(readBack);
  const wals = journaledWal(takenWal);
  const also = wals.flatMap(({ journaled }) => (journaled ? [journaled] : []));
  const seen = observeJournals(directory, plan, { facts, events, ancestry, also });
  const { paths, ledger } = seen;
  const coverage = coverageOf(ledger);
  const truth = truthOf(readBack);
  const primary = truth.reading;
  const fates = judgePrimary(ledger, primary);
  const servers = seen.servers.servers();
  const thefts = lockThefts(events, facts.originMs);
  const wasDisturbed = disturbedBy(events, facts.originMs);
  const context = {
    ancestry,
    servers,
    sightings: sightingsIn(events, facts.originMs),
    mayBeUnflushed: unflushedBy(stored.settings, events, facts.originMs),
    // An old primary's own WAL goes on past the fork: what it says comes first.
    commits: [...commitsAround(takenWal), ...(readBack ? commitsOf(readBack) : [])],
  };
  const attribution = attributeLosses(seen.segments.journals, {
    ...context,
    lost: fates.lost,
    lockThefts: thefts,
    ...(readBack?.isUnlogged &&
      primary && {
        unlogged: {
          isThere: presenceIn(primary),
          wasDisturbed,
        },
      }),
  });
  const serverIds = judgeServerIds(paths, ledger, primary);
  const replicas = (readBack?.nodes ?? [])
    .filter(({ node }) => node !== readBack?.primary)
    .map((replica) => judgeReplica(primary, replica));
  const isUnlogged = readBack?.isUnlogged === true;
  const durability = stored.settings
    ? judgeDurability(stored.settings, { ...plan.scenario.load, isUnlogged })
    : null;
  const reissued = serverIds ? serverIds.reissued : fates.writes.reissued;
  const written = writesSection(fates, { reissued, coverage });
  const lossSummary = summarizeLoss(
    { [Symbol.iterator]: () => attribution.ranges.inNumbers() },
    durability?.promise,
  );
  const wal = walSection(wals, primary && fates.lost, ledger);
  const downstream = downstreamOf(stored.downstream, {
    primary,
    load: plan.scenario.load,
    answers: seen.answers ?? new AnswerLog(),
    isOnHistory: onHistory({ ...context, boundaryBytes: BOUNDARY_BYTES }, wasDisturbed),
    ledger,
  });
  return {
    seen,
    ancestry,
    truth,
    coverage,
    fates,
    servers,
    attribution,
    lockThefts: thefts,
    lossSummary,
    lossPattern: primary ? patternOf(ledger, fates, primary, attribution.order) : { kind: 'none' },
    serverIds,
    replicas,
    durability,
    written,
    wal,
    stages: stagesOf(ledger, {
      writes: written.writes,
      readBack,
      primary,
      wal,
      lossSummary,
      downstream,
    }),
    downstream,
    archive: archiveResultOf(stored, primary, seen.answers),
    partitions:
      coverage === 'none'
        ? []
        : partitionLoss(ledger, primary, hashInt4Extended, workloadsOf(plan.scenario.load)),
  };
}
