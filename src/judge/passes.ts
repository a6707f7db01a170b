import { journalPaths } from '../evidence/journal/journal.ts';
import { SegmentIndex } from '../evidence/journal/segments.ts';
import type { RunFacts } from '../evidence/events/run-facts.ts';
import type { RunEvent } from '../contracts/evidence.ts';
import type { Plan } from '../contracts/scenario.ts';
import { AnswerLog } from './downstream/answer-log.ts';
import { Availability } from './availability/availability.ts';
import { ClientGaps } from './availability/client-gaps.ts';
import { bucketFor, TimelineVisitor } from './availability/chart-series.ts';
import { LatencyRecorder } from '../evidence/figures/latency-recorder.ts';
import { RetryLog } from './availability/retries.ts';
import { LatenciesByKind } from './availability/latency.ts';
import type { Ancestry } from './causes/ancestry.ts';
import { ServerLog } from './causes/servers.ts';
import { KneeSteps } from '../evidence/figures/knee-steps.ts';
import type { JournalVisitor } from '../evidence/journal/visitor.ts';
import { mostRowsOf } from '../scenario/words/groups.ts';
import { kneePlan } from '../scenario/words/knee-plan.ts';
import { routesOf } from '../scenario/words/routes.ts';
import { GroupLog } from './sections/groups.ts';
import { RouteLog } from './routes/route-log.ts';
import { keepYoungGenerationSmall } from '../std/young-generation.ts';
import { buildLedger, type Ledger } from './ledger/ledger.ts';
import type { WindowLog } from './windows/window-log.ts';
import { RoleLog } from './windows/roles.ts';
import { SplitBrainLog } from './windows/split-brains.ts';
import { plannedWindows, windowLog, type PlannedWindow } from './windows/windows.ts';

/** What one pass over the journals of a run tells. */
export interface Observed {
  readonly paths: readonly string[];
  readonly ledger: Ledger;
  readonly servers: ServerLog;
  readonly availability: Availability;
  readonly latencies: LatenciesByKind;
  readonly timeline: TimelineVisitor;
  readonly clientGaps: ClientGaps;
  readonly segments: SegmentIndex;
  /** Absent: the load names no routes. */
  readonly routes: RouteLog | undefined;
  /** Absent: the load searches no knee. */
  readonly knee: KneeSteps | undefined;
  /** The phases that the demands name. */
  readonly windows: readonly PlannedWindow[];
  readonly windowLog: WindowLog | undefined;
  readonly roles: RoleLog;
  /** Absent: the roles were not seen all the time. */
  readonly splitBrains: SplitBrainLog | undefined;
  /** Absent: the load has no groups. */
  readonly groups: GroupLog | undefined;
  /** Absent: its clients do not retry. */
  readonly retries: RetryLog | undefined;
  /** Absent: the run has neither consumers nor an archive. */
  readonly answers: AnswerLog | undefined;
}

/** Reads every journal once, for all that wants to see each record. Errors: those of buildLedger. */
export function observeJournals(
  directory: string,
  plan: Plan,
  {
    facts,
    events,
    ancestry,
    also = [],
  }: {
    readonly facts: RunFacts;
    readonly events: readonly RunEvent[];
    readonly ancestry: Ancestry | undefined;
    /** Who else wants to see each record. */
    readonly also?: readonly JournalVisitor[];
  },
): Observed {
  keepYoungGenerationSmall();
  const paths = journalPaths(directory);
  const { load } = plan.scenario;
  const servers = new ServerLog(ancestry);
  const availability = new Availability();
  const latencies = new LatenciesByKind((load.warmupMs ?? 0) * 1000);
  const coarse = () => new LatencyRecorder('coarse');
  const timeline = new TimelineVisitor(bucketFor(facts.loadMs ?? 0), coarse);
  // A load that never began has no journal, and no writer is missing.
  const planned = { writers: load.clients + facts.moreWriters };
  const writers = facts.loadMs === undefined && paths.length === 0 ? {} : planned;
  const options = {
    runId: facts.runId ?? '',
    ...writers,
    batch: mostRowsOf(load),
    loadMs: facts.loadMs,
    hasDeletes: load.mix.delete > 0,
  };
  const clientGaps = new ClientGaps();
  const segments = new SegmentIndex();
  const routes = load.routes && new RouteLog(routesOf(load));
  const windows = plannedWindows(plan, facts, events);
  const log = windowLog(windows, load);
  const retries = load.retry && new RetryLog();
  const others: JournalVisitor[] = [
    servers,
    availability,
    latencies,
    timeline,
    clientGaps,
    segments,
    ...(routes ? [routes] : []),
    ...(log ? [log] : []),
    ...(retries ? [retries] : []),
  ];
  const search = kneePlan(load);
  const knee = search && new KneeSteps(search);
  if (knee) others.push(knee);
  const groups = load.groups && new GroupLog(load);
  if (groups) others.push(groups);
  const roles = new RoleLog(events, facts.originMs);
  const two = roles.splitBrains();
  const splitBrains = two ? new SplitBrainLog(two) : undefined;
  if (splitBrains && two && two.length > 0) others.push(splitBrains);
  const { downstream, cluster } = plan.scenario;
  const answers = downstream || cluster.archive ? new AnswerLog() : undefined;
  if (answers) others.push(answers);
  const ledger = buildLedger(paths, options, ...others, ...also);
  return {
    paths,
    ledger,
    servers,
    availability,
    latencies,
    timeline,
    clientGaps,
    segments,
    routes,
    knee,
    windows,
    windowLog: log,
    roles,
    splitBrains,
    groups,
    retries,
    answers,
  };
}
