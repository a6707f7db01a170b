import type { Measured } from '../contracts/evidence.ts';
import type { OutagePhases } from '../contracts/result.ts';
import { type RunFacts, runFacts } from '../evidence/events/run-facts.ts';
import type { StoredRun } from '../evidence/store/read-run.ts';
import { describePlan } from '../scenario/plan/describe.ts';
import { HarnessBug } from '../std/errors.ts';
import { withoutFolder } from '../std/without-folder.ts';
import { mostRangesNamed } from '../std/units/loss-summary.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import type { Availability } from './availability/availability.ts';
import { type TimelineVisitor, timelineOf } from './availability/chart-series.ts';
import { failoversIn, leaderChanges } from './availability/leadership.ts';
import { unplannedChanges } from './availability/unplanned.ts';
import { unseenSentence, unseenStretches } from './availability/unseen.ts';
import { logMoments } from './availability/log-moments.ts';
import { outagePhases } from './availability/outage-phases.ts';
import { readRejoins } from './availability/rejoins.ts';
import { heldStretches, lastOutage } from './availability/outage.ts';
import { rpoOf } from './availability/rpo.ts';
import { owedTakeover, takeoversOf } from './availability/rto.ts';
import { staleHolders } from './availability/stale-holders.ts';
import { forksOf } from './causes/forks.ts';
import { factsOf } from './durability/facts.ts';
import type { Examined } from './examine.ts';
import { anomaliesOf } from './ledger/anomalies.ts';
import { readsOf, stalenessSeries } from './reads/reads.ts';
import { routeResults } from './routes/routes.ts';
import { convergedOf } from './sections/converged.ts';
import { invariantsOf } from './sections/invariants.ts';
import { heldLonger } from './sections/held-longer.ts';
import { notesOf } from './sections/notes.ts';
import { groupResults } from './sections/groups.ts';
import { kneeOf } from './sections/knee.ts';
import { problemsOf } from './sections/problems.ts';
import { configurationOf, primarySettings, versionsOf } from './sections/ran-with.ts';
import { recoveryOf } from './sections/recovery.ts';
import { exactPerSecond, throughputOf, verificationOf } from './sections/throughput.ts';
import { untakenNotes } from './sections/untaken.ts';
import { windowsOf } from './windows/windows.ts';

/** Everything that a result says but the verdict: measured from the evidence, nothing decided. */
export function measure(
  directory: string,
  stored: StoredRun,
  { examined, version }: { readonly examined: Examined; readonly version: string },
): Measured {
  const { plan, readBack } = stored;
  const { events } = stored.events;
  const facts = runFacts(events);
  if (facts.runId === undefined) throw new HarnessBug(`${directory}: events.jsonl names no run`);
  const { seen, ancestry, truth, coverage, fates, servers, attribution, written } = examined;
  const { lossSummary, serverIds, replicas, durability } = examined;
  const invariants = invariantsOf(readBack);
  const { ledger, availability } = seen;
  const { writes } = written;
  const changes = leaderChanges(events, facts.originMs, servers);
  const rejoins = readRejoins(directory, facts.startedAt, events);
  const ofEvents = stored.events.problems;
  const problems = problemsOf({ facts, ofEvents, ledger, truth, fates, durability });
  const unseen = unseenStretches(events, facts.originMs);
  const notes = notesOf(facts, events);
  const forks = readBack ? forksOf(readBack, servers, events) : [];
  const { load } = plan.scenario;
  const reads = readsOf(stored.observations, {
    originMs: facts.originMs,
    ...(load.warmupMs !== undefined && { warmupMs: load.warmupMs }),
    ...(coverage === 'all' && { firstWriteFrom: firstWriteFrom(availability, facts.originMs) }),
  });
  const { answered = 0, failed = 0 } = reads?.clients ?? {};
  // Reads are operations, too, and are in no journal.
  const clientReads = answered + failed;
  const plannedMs = load.durationMs;
  const takeovers = [
    ...takeoversOf(servers, facts.faults, heldStretches(facts)),
    ...owedTakeover(servers, facts.faults, lastOutage({ ...facts, plannedMs }, availability)),
  ];
  const recovery = recoveryOf({ facts, events, availability, takeovers, coverage, plannedMs });
  const acked = { load, acknowledged: writes.acknowledged, latencies: seen.latencies };
  const throughput = throughputOf(facts, {
    ...acked,
    operations: coverage === 'all' ? ledger.operations + clientReads : null,
  });
  const routes =
    seen.routes &&
    routeResults({
      load,
      tallies: seen.routes.tallies,
      facts,
      plannedMs: load.durationMs,
      coverage,
      changes,
      lost: truth.reading && fates.lost,
    });
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
    ...(unseen.length > 0 && { unseen }),
    faults: facts.faults,
    phases: facts.phases,
    reproduce: facts.reproduce,
    overrides: facts.overrides,
    ...written,
    clients: facts.clients,
    versions: versionsOf(facts, version),
    problems: problems.map((problem) => withoutFolder(problem, directory)),
    notes: [
      ...notes,
      ...heldLonger(events, plan.scenario.faults),
      ...untakenNotes({ wal: examined.wal ?? null, forks }, plan.scenario, notes),
      ...unseen.map(unseenSentence),
    ],
    isInterrupted: facts.isInterrupted,
    lostRanges: attribution.ranges.first(mostRangesNamed),
    lossSummary,
    lossPattern: examined.lossPattern,
    anomalies: anomaliesOf({ primary: readBack?.primary, fates, serverIds, replicas }),
    replicas: replicas.map(({ verdict }) => verdict),
    ...(invariants && { invariants }),
    ...recovery,
    // Writers whose journals are missing may have been answered, or refused, in any phase.
    windows:
      coverage === 'all'
        ? windowsOf({
            plan,
            facts,
            events,
            availability,
            changes,
            takeovers,
            windows: seen.windows,
            roles: seen.roles,
            log: seen.windowLog,
            whole: {
              rto: recovery.rto,
              outage: recovery.outage,
              ackedPerSecond: exactPerSecond(facts, acked),
              retries: seen.retries?.counts(),
              latencyMs: seen.latencies.overall(),
            },
          })
        : [],
    rpo: rpoOf(lostWrites(writes), lossSummary.places, ancestry),
    forks,
    rejoins,
    staleHolders: staleHolders(events, facts.originMs, {
      servers,
      history: readBack?.history ?? [],
    }),
    lockThefts: examined.lockThefts,
    splitBrains: seen.splitBrains?.splitBrains(coverage) ?? null,
    converged: convergedOf(readBack, { directory, startedAt: facts.startedAt, rejoins }),
    wal: examined.wal ?? null,
    stages: examined.stages,
    partitions: examined.partitions,
    throughput: {
      ...throughput,
      ...kneeOf({ load, facts, coverage, steps: seen.knee }),
      ...(seen.retries && { retries: coverage === 'all' ? seen.retries.counts() : null }),
    },
    verification: verificationOf(readBack),
    settings: primarySettings(stored.settings),
    durability,
    configuration: configurationOf(plan, stored.settings),
    plan: describePlan(plan),
    timeline: coverage === 'none' ? null : charted(stored, facts, seen.timeline),
    byServerId: coverage === 'all' ? (serverIds?.byServerId ?? null) : null,
    structure: (readBack?.nodes ?? []).flatMap(({ node, structure }) =>
      structure.map((finding) => ({ node, ...finding })),
    ),
    errors: availability.errors(),
    journal: {
      operations: ledger.operations,
      cuts: ledger.cuts().map((cut) => withoutFolder(cut, directory)),
      missingWriters: ledger.missingWriters(),
      partialWriters: ledger.partialWriters(),
    },
    ...(reads && { reads }),
    ...(examined.downstream && { downstream: examined.downstream }),
    ...(examined.archive && { archive: examined.archive }),
    folder: facts.folder,
    replayOf: facts.replayOf,
    ...groupResults({ load, facts, coverage, log: seen.groups, times: stored.observations?.times }),
    ...(routes && { routes }),
    ...(coverage === 'all' && {
      outagePhases: phasesOf(directory, stored, { facts, seen, outage: recovery.outage, routes }),
    }),
  };
}

function phasesOf(
  directory: string,
  { events: { events }, settings, observations }: StoredRun,
  {
    facts,
    seen,
    outage,
    routes,
  }: {
    readonly facts: RunFacts;
    readonly seen: Examined['seen'];
    readonly outage: Measured['outage'];
    readonly routes: Measured['routes'];
  },
): readonly OutagePhases[] {
  const { startedAt, originMs, faults, loadMs = 0 } = facts;
  return outagePhases({
    outage,
    faults,
    routes,
    events,
    originMs,
    loadMs,
    logged: logMoments(directory, { startedAt, originMs, events }),
    clients: seen.clientGaps,
    reads: observations?.observations ?? [],
    patroni: settings && factsOf(settings).patroni,
  });
}

/** What charts show, with what reads saw. */
function charted(
  { events, observations }: StoredRun,
  facts: RunFacts,
  visitor: TimelineVisitor,
): Measured['timeline'] {
  const timeline = timelineOf(facts, events.events, visitor);
  const states = observations?.states;
  if (!timeline || !states) return timeline;
  const { originMs } = facts;
  return { ...timeline, stalenessMs: stalenessSeries(states, originMs, timeline.bucketMs) };
}

/** On the clock of the events. */
function firstWriteFrom(availability: Availability, originMs: number): (fromMs: number) => number {
  return (fromMs) =>
    originMs + availability.firstFrom(Math.max(0, (fromMs - originMs) * 1000)) / 1000;
}
