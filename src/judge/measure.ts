import type { ClusterSettings, Durability } from '../contracts/durability.ts';
import type { Measured, NodeReading, ReadBack } from '../contracts/evidence.ts';
import type { Result } from '../contracts/result.ts';
import { judgeDurability } from './durability/judge.ts';
import { HarnessBug } from '../std/errors.ts';
import { anomaliesOf } from './ledger/anomalies.ts';
import { ancestryOf } from './causes/ancestry.ts';
import { commitsOf } from './causes/boundary.ts';
import { forksOf } from './causes/forks.ts';
import { ServerLog } from './causes/servers.ts';
import { sightingsIn } from './causes/sightings.ts';
import { unflushedBy } from './causes/unflushed.ts';
import { attributeLosses } from './causes/attribute.ts';
import { Availability, latencyVisitor } from './availability/availability.ts';
import { journalPaths } from '../evidence/journal/journal.ts';
import { judgePrimary, survivingRows, type PrimaryVerdict } from './ledger/fates.ts';
import { judgeReplica } from './ledger/replica.ts';
import { judgeServerIds } from './ledger/server-ids.ts';
import { buildLedger, type Ledger } from './ledger/ledger.ts';
import { patternOf } from './causes/loss-pattern.ts';
import { partitionLoss } from './ledger/table-partitions.ts';
import { count } from '../std/ranges.ts';
import { failoversIn, leaderChanges } from './availability/leadership.ts';
import { unplannedChanges } from './availability/unplanned.ts';
import { readRejoins } from './availability/rejoins.ts';
import { staleHolders } from './availability/stale-holders.ts';
import { heldStretches, outageOf } from './availability/outage.ts';
import { rpoOf } from './availability/rpo.ts';
import { rtoOf } from './availability/rto.ts';
import { runFacts, type RunFacts } from '../evidence/events/run-facts.ts';
import { truthOf, type Truth } from './truth.ts';
import { stragglersOf } from './availability/stragglers.ts';
import { bucketFor, timelineOf, TimelineVisitor } from './availability/chart-series.ts';
import { LatencyRecorder } from './availability/latency.ts';
import { hashInt4Extended } from '../pg/checksum.ts';
import { lostWrites } from '../std/units/lost-writes.ts';
import { describePlan } from '../scenario/plan/describe.ts';
import type { StoredRun } from '../evidence/store/read-run.ts';

/** Everything that a result says but the verdict: measured from the evidence, nothing decided. */
export function measure(directory: string, stored: StoredRun, version: string): Measured {
  const { plan, events, readBack } = stored;
  const facts = runFacts(events.events);
  if (facts.runId === undefined) throw new HarnessBug(`${directory}: events.jsonl names no run`);
  const paths = journalPaths(directory);
  const ancestry = readBack && ancestryOf(readBack);
  const seen = {
    servers: new ServerLog(ancestry),
    availability: new Availability(),
    latency: latencies(),
    timeline: new TimelineVisitor(
      bucketFor(facts.loadMs ?? 0),
      () => new LatencyRecorder('coarse'),
    ),
  };
  const { load } = plan.scenario;
  // Without a single journal the load never began, and no writer is missing.
  const writers = paths.length === 0 ? {} : { writers: load.clients };
  const ledger = buildLedger(
    paths,
    {
      runId: facts.runId,
      ...writers,
      batch: load.batch,
      loadMs: facts.loadMs,
      hasDeletes: load.mix.delete > 0,
    },
    ...[seen.servers, seen.availability, seen.latency.visitor, seen.timeline],
  );
  const truth = truthOf(readBack);
  const primary = truth.reading;
  const fates = judgePrimary(ledger, primary);
  const servers = seen.servers.servers();
  const changes = leaderChanges(events.events, facts.originMs, servers);
  const attribution = attributeLosses(paths, {
    lost: fates.lost,
    ancestry,
    servers,
    sightings: sightingsIn(events.events, facts.originMs),
    mayBeUnflushed: unflushedBy(stored.settings, events.events, facts.originMs),
    commits: readBack ? commitsOf(readBack) : [],
  });
  const serverIds = judgeServerIds(paths, ledger, primary);
  const replicas = (readBack?.nodes ?? [])
    .filter(({ node }) => node !== readBack?.primary)
    .map((replica) => judgeReplica(primary, replica));
  const durability = stored.settings ? judgeDurability(stored.settings) : null;
  const rejoins = readRejoins(directory, facts.startedAt, events.events);
  const lost = lostWrites(fates.writes);
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
    ...unplannedChanges(events.events, facts.originMs),
    faults: facts.faults,
    phases: facts.phases,
    reproduce: facts.reproduce,
    records: fates.records,
    clients: facts.clients,
    versions: versionsOf(facts, version),
    problems: [
      ...facts.problems,
      ...events.problems,
      ...openProblems(facts, { ledger, truth, hasJournals: paths.length > 0 }),
      ...undecidedProblems(fates),
      ...otherConfiguration(durability),
    ].map((problem) => withoutFolder(problem, directory)),
    writes: { ...fates.writes, reissued: serverIds ? serverIds.reissued : fates.writes.reissued },
    lossPercent: lossPercent(lost, fates.writes.acknowledged),
    lostRanges: attribution.ranges,
    lossPattern: primary ? patternOf(ledger, fates, primary, attribution.order) : { kind: 'none' },
    anomalies: anomaliesOf({ primary: readBack?.primary, fates, serverIds, replicas }),
    replicas: replicas.map(({ verdict }) => verdict),
    outage: outageOf({ ...facts, plannedMs: load.durationMs }, seen.availability, events.events),
    rpo: rpoOf(lost, attribution.ranges, ancestry),
    rto: rtoOf(servers, facts.faults, heldStretches(facts)),
    forks: readBack ? forksOf(readBack, servers, events.events) : [],
    rejoins,
    staleHolders: staleHolders(events.events, facts.originMs, {
      servers,
      history: readBack?.history ?? [],
    }),
    converged: {
      ok: readBack?.converged.ok ?? null,
      reason: readBack ? (readBack.converged.reason ?? null) : 'the run did not get that far',
      ...(readBack?.converged.nodes && {
        nodes: stragglersOf(directory, facts.startedAt, { converged: readBack.converged, rejoins }),
      }),
    },
    stages: stagesOf(ledger, fates.writes, { readBack, primary }),
    partitions: partitionLoss(ledger, primary, hashInt4Extended),
    throughput: {
      ackedPerSecond: perSecond(fates.writes.acknowledged, facts.loadMs),
      latencyMs: seen.latency.summary(),
    },
    verification: readBack ? verificationOf(readBack) : null,
    settings: primarySettings(stored.settings),
    durability,
    plan: describePlan(plan),
    timeline: timelineOf(facts, events.events, seen.timeline),
    byServerId: serverIds?.byServerId ?? null,
    structure: (readBack?.nodes ?? []).flatMap(({ node, structure }) =>
      structure.map((finding) => ({ node, ...finding })),
    ),
    errors: seen.availability.errors(),
    journal: {
      operations: ledger.operations,
      cuts: ledger.cuts().map((cut) => withoutFolder(cut, directory)),
    },
    folder: facts.folder,
    replayOf: facts.replayOf,
  };
}

/** A result is the same wherever its run lies: files are named from the run's folder on. */
function withoutFolder(text: string, directory: string): string {
  return text.replaceAll(`${directory}/`, '');
}

/** As the primary ran them when the load began. */
function primarySettings(settings: ClusterSettings | undefined): Result['settings'] {
  return settings?.members.find(({ role }) => role === 'primary')?.parameters ?? {};
}

/** A run under another configuration than its own proves nothing of its own. */
function otherConfiguration(durability: Durability | null): readonly string[] {
  const names = durability?.notInForce ?? [];
  if (names.length === 0) return [];
  const are = names.length === 1 ? 'is' : 'are';
  return [`asked for by the scenario, ${names.join(', ')} ${are} not in force: see durability`];
}

function versionsOf({ versions }: RunFacts, forkpoint: string): Result['versions'] {
  const { postgres = 'unknown', patroni = 'unknown', dcs = 'unknown' } = versions;
  return { forkpoint, node: process.versions.node, postgres, patroni, dcs };
}

/** What stands in the way of a judgement though nobody wrote it down while the run lasted. */
function openProblems(
  facts: RunFacts,
  {
    ledger,
    truth,
    hasJournals,
  }: {
    readonly ledger: Ledger;
    readonly truth: Truth;
    readonly hasJournals: boolean;
  },
): readonly string[] {
  const problems = ledger.problems();
  if (facts.loadMs !== undefined && !hasJournals) {
    problems.push('the load began, and no journal of it is there');
  }
  if (facts.loadMs !== undefined && !facts.hasEnded) {
    problems.push('the harness did not live to the end of the load');
  }
  if (truth.problem !== undefined) problems.push(truth.problem);
  return problems;
}

function undecidedProblems({ undecided }: PrimaryVerdict): readonly string[] {
  if (undecided === 0) return [];
  return [`${undecided} acknowledged writes are gone, and a delete nobody journaled may be why`];
}

function latencies() {
  const recorders = new Map<string, LatencyRecorder>();
  const visitor = latencyVisitor((kind, latencyUs) => {
    let recorder = recorders.get(kind);
    if (!recorder) recorders.set(kind, (recorder = new LatencyRecorder()));
    recorder.record(latencyUs);
  });
  const summary = (): Result['throughput']['latencyMs'] => {
    const summaries = [...recorders].map(([kind, recorder]) => [kind, recorder.summary()] as const);
    return Object.fromEntries(summaries.flatMap(([kind, found]) => (found ? [[kind, found]] : [])));
  };
  return { visitor, summary };
}

function stagesOf(
  ledger: Ledger,
  writes: Result['writes'],
  found: { readonly readBack: ReadBack | undefined; readonly primary: NodeReading | undefined },
): Result['stages'] {
  const foundOn = (reading: NodeReading): number | null =>
    reading.status === 'read'
      ? ledger
          .writers()
          .reduce((sum, writer) => sum + count(survivingRows(ledger, writer, reading)), 0)
      : null;
  const { readBack, primary } = found;
  const replicas = (readBack?.nodes ?? []).filter(({ node }) => node !== readBack?.primary);
  return {
    attempted: writes.attempted,
    acknowledged: writes.acknowledged,
    onPrimary: primary ? foundOn(primary) : null,
    onReplicas: Object.fromEntries(replicas.map((reading) => [reading.node, foundOn(reading)])),
  };
}

function verificationOf({ nodes, ms }: ReadBack): Result['verification'] {
  const read = nodes.filter(({ status }) => status === 'read');
  const rows = read.reduce((sum, reading) => sum + reading.rows, 0);
  return { rows, nodes: read.length, ms, idsPerSecond: perSecond(rows, ms) };
}

function lossPercent(lost: number | null, acknowledged: number): number | null {
  if (lost === null || acknowledged === 0) return null;
  return (lost / acknowledged) * 100;
}

function perSecond(count: number, ms: number | undefined): number {
  return ms === undefined || ms === 0 ? 0 : Math.round((count / ms) * 1000);
}
