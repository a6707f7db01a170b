import type { Measured } from '../contracts/evidence.ts';
import { runFacts } from '../evidence/events/run-facts.ts';
import type { StoredRun } from '../evidence/store/read-run.ts';
import { hashInt4Extended } from '../pg/checksum.ts';
import { describePlan } from '../scenario/plan/describe.ts';
import { HarnessBug } from '../std/errors.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import { timelineOf } from './availability/chart-series.ts';
import { failoversIn, leaderChanges } from './availability/leadership.ts';
import { unplannedChanges } from './availability/unplanned.ts';
import { readRejoins } from './availability/rejoins.ts';
import { rpoOf } from './availability/rpo.ts';
import { staleHolders } from './availability/stale-holders.ts';
import { ancestryOf } from './causes/ancestry.ts';
import { attributeLosses } from './causes/attribute.ts';
import { commitsOf } from './causes/boundary.ts';
import { forksOf } from './causes/forks.ts';
import { patternOf } from './causes/loss-pattern.ts';
import { sightingsIn } from './causes/sightings.ts';
import { unflushedBy } from './causes/unflushed.ts';
import { judgeDurability } from './durability/judge.ts';
import { anomaliesOf } from './ledger/anomalies.ts';
import { judgePrimary } from './ledger/fates.ts';
import { judgeReplica } from './ledger/replica.ts';
import { judgeServerIds } from './ledger/server-ids.ts';
import { partitionLoss } from './ledger/table-partitions.ts';
import { observeJournals } from './passes.ts';
import { convergedOf } from './sections/converged.ts';
import { coverageOf } from './sections/coverage.ts';
import { problemsOf } from './sections/problems.ts';
import { primarySettings, versionsOf } from './sections/ran-with.ts';
import { recoveryOf } from './sections/recovery.ts';
import { stagesOf } from './sections/stages.ts';
import { throughputOf, verificationOf } from './sections/throughput.ts';
import { writesSection } from './sections/writes.ts';
import { truthOf } from './truth.ts';

/** Everything that a result says but the verdict: measured from the evidence, nothing decided. */
export function measure(directory: string, stored: StoredRun, version: string): Measured {
  const { plan, readBack } = stored;
  const { events } = stored.events;
  const facts = runFacts(events);
  if (facts.runId === undefined) throw new HarnessBug(`${directory}: events.jsonl names no run`);
  const ancestry = readBack && ancestryOf(readBack);
  const seen = observeJournals(directory, plan, { facts, ancestry });
  const { paths, ledger } = seen;
  const coverage = coverageOf(ledger);
  const truth = truthOf(readBack);
  const primary = truth.reading;
  const fates = judgePrimary(ledger, primary);
  const servers = seen.servers.servers();
  const changes = leaderChanges(events, facts.originMs, servers);
  const attribution = attributeLosses(paths, {
    lost: fates.lost,
    ancestry,
    servers,
    sightings: sightingsIn(events, facts.originMs),
    mayBeUnflushed: unflushedBy(stored.settings, events, facts.originMs),
    commits: readBack ? commitsOf(readBack) : [],
  });
  const serverIds = judgeServerIds(paths, ledger, primary);
  const nodes = readBack?.nodes ?? [];
  const replicas = nodes
    .filter(({ node }) => node !== readBack?.primary)
    .map((replica) => judgeReplica(primary, replica));
  const durability = stored.settings ? judgeDurability(stored.settings) : null;
  const rejoins = readRejoins(directory, facts.startedAt, events);
  const reissued = serverIds ? serverIds.reissued : fates.writes.reissued;
  const written = writesSection(fates, { reissued, coverage });
  const { writes } = written;
  const ofEvents = stored.events.problems;
  const problems = problemsOf({ facts, ofEvents, ledger, truth, fates, durability });
  const { load } = plan.scenario;
  const { availability } = seen;
  return {
    schemaVersion: 1,
    scenario: plan.scenario.name,
    claim: plan.scenario.claim,
    runId: facts.runId,
    seed: plan.seed,
    startedAt: facts.startedAt,
    backend: plan.backend,
    durationMs: facts.durationMs,
    failovers: changes && failoversIn(changes),
    leaderChanges: changes,
    ...unplannedChanges(events, facts.originMs),
    faults: facts.faults,
    phases: facts.phases,
    reproduce: facts.reproduce,
    ...written,
    clients: facts.clients,
    versions: versionsOf(facts, version),
    problems: problems.map((problem) => withoutFolder(problem, directory)),
    lostRanges: attribution.ranges,
    lossPattern: primary ? patternOf(ledger, fates, primary, attribution.order) : { kind: 'none' },
    anomalies: anomaliesOf({ primary: readBack?.primary, fates, serverIds, replicas }),
    replicas: replicas.map(({ verdict }) => verdict),
    ...recoveryOf({
      facts,
      events,
      availability,
      servers,
      coverage,
      plannedMs: load.durationMs,
    }),
    rpo: rpoOf(lostWrites(writes), attribution.ranges, ancestry),
    forks: readBack ? forksOf(readBack, servers, events) : [],
    rejoins,
    staleHolders: staleHolders(events, facts.originMs, {
      servers,
      history: readBack?.history ?? [],
    }),
    converged: convergedOf(readBack, { directory, startedAt: facts.startedAt, rejoins }),
    stages: stagesOf(ledger, { writes, readBack, primary }),
    partitions: coverage === 'none' ? [] : partitionLoss(ledger, primary, hashInt4Extended),
    throughput: throughputOf(writes.acknowledged, facts.loadMs, seen.latencies),
    verification: verificationOf(readBack),
    settings: primarySettings(stored.settings),
    durability,
    plan: describePlan(plan),
    timeline: coverage === 'none' ? null : timelineOf(facts, events, seen.timeline),
    byServerId: coverage === 'all' ? (serverIds?.byServerId ?? null) : null,
    structure: nodes.flatMap(({ node, structure }) =>
      structure.map((finding) => ({ node, ...finding })),
    ),
    errors: availability.errors(),
    journal: {
      operations: ledger.operations,
      cuts: ledger.cuts().map((cut) => withoutFolder(cut, directory)),
      missingWriters: ledger.missingWriters(),
      partialWriters: ledger.partialWriters(),
    },
    folder: facts.folder,
    replayOf: facts.replayOf,
  };
}

/** A result is the same wherever its run lies: files are named from the run's folder on. */
function withoutFolder(text: string, directory: string): string {
  return text.replaceAll(`${directory}/`, '');
}
