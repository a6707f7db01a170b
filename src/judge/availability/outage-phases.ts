import type { RunEvent } from '../../contracts/evidence.ts';
import type { Observation } from '../../contracts/observation.ts';
import type { FaultOutage, OutageMoment, OutagePhases, Result } from '../../contracts/result.ts';
import type { ClientGaps } from './client-gaps.ts';
import { partsOf, type PatroniTimes } from './outage-parts.ts';
import { lockMoments, promotionMoments } from './promotion-moments.ts';
import { redundancyMoments } from './redundancy.ts';

/** An operation that fails may be answered a little before the last one that succeeds. */
const slackMs = 500;

export interface PhaseEvidence {
  readonly outage: Result['outage'];
  readonly faults: Result['faults'];
  readonly routes: Result['routes'];
  readonly events: readonly RunEvent[];
  /** Start of the load on the clock of the events, and its length. */
  readonly originMs: number;
  readonly loadMs: number;
  /** What the nodes logged. */
  readonly logged: readonly OutageMoment[];
  readonly clients: ClientGaps;
  /** What the load's readers saw; empty where there are none. */
  readonly reads: readonly Observation[];
  /** Undefined: no Patroni, or its settings were not read. */
  readonly patroni: PatroniTimes | undefined;
}

/**
 * What happened in each outage that followed a fault, when, and what its parts were spent on: from clients, the topology and
 * the nodes' logs. Faults that were followed by the same time without an acknowledgement share one.
 */
export function outagePhases(evidence: PhaseEvidence): readonly OutagePhases[] {
  const { outage } = evidence;
  const outages = outage.perFault.filter(({ fromMs, firstAckMs, untilMs, detectMs }) => {
    return fromMs !== null && (firstAckMs !== null || (untilMs === null && detectMs !== null));
  });
  const groups = Map.groupBy(outages, ({ fromMs, untilMs }) => `${fromMs} ${untilMs}`);
  return [...groups.values()]
    .map((group) => phasesOf(group, evidence))
    .sort((a, b) => a.fromMs - b.fromMs);
}

function phasesOf(group: readonly FaultOutage[], evidence: PhaseEvidence): OutagePhases {
  const { loadMs, clients, patroni } = evidence;
  const { fromMs: begunMs, untilMs = null } = group[0] ?? {};
  const fromMs = begunMs ?? 0;
  const faults = group.map(({ fault }) => fault);
  const moments = momentsOf({ faults, fromMs, untilMs }, evidence).sort((a, b) => a.atMs - b.atMs);
  return {
    faults,
    fromMs,
    untilMs,
    moments,
    parts: partsOf(moments, { fromMs, untilMs, patroni }),
    clients: clients.overlapping(fromMs, untilMs ?? loadMs),
  };
}

type OutageOf = Pick<OutagePhases, 'faults' | 'fromMs' | 'untilMs'>;

function momentsOf(outage: OutageOf, evidence: PhaseEvidence): OutageMoment[] {
  const { fromMs, untilMs } = outage;
  const { clients, events, originMs, loadMs } = evidence;
  const endMs = untilMs ?? loadMs;
  const injected = evidence.faults.filter(({ id }) => outage.faults.includes(id));
  const times = injected.flatMap(({ injectedAtMs }) => injectedAtMs ?? []);
  const lock = lockMoments({ fromMs: Math.min(fromMs, ...times), untilMs: endMs }, evidence);
  const errorMs = clients.firstErrorFrom(Math.max(0, fromMs - slackMs));
  const ofClients = { node: null, by: 'clients' } as const;
  const primary = lock.find(({ what }) => what === 'lockTaken')?.node ?? null;
  const promoted = promotionMoments(primary, { fromMs, untilMs: endMs }, evidence);
  return [
    { what: 'lastAcknowledgement', atMs: fromMs, ...ofClients },
    ...(errorMs !== undefined && errorMs <= endMs
      ? [{ what: 'firstError', atMs: Math.round(errorMs), ...ofClients } as const]
      : []),
    ...lock,
    ...promoted,
    ...firstReadOf(primary, promoted, evidence),
    ...(untilMs === null ? [] : [{ ...ofClients, what: 'firstWrite', atMs: untilMs } as const]),
    ...routeMoments(outage, evidence),
    ...redundancyMoments(events, originMs, fromMs),
  ];
}

/** Of readers that asked the new primary itself; as a replica it may have answered all the time. */
function firstReadOf(
  primary: string | null,
  promoted: readonly OutageMoment[],
  { reads, originMs, loadMs }: PhaseEvidence,
): readonly OutageMoment[] {
  const sinceMs = promoted.find(({ what }) => what === 'newTimeline')?.atMs;
  if (sinceMs === undefined) return [];
  const answered = reads
    .filter(({ node, problem, sentMs }) => {
      return node === primary && problem === undefined && sentMs - originMs >= sinceMs;
    })
    .map(({ answeredMs }) => answeredMs - originMs);
  const atMs = Math.round(answered.reduce((first, each) => Math.min(first, each), Infinity));
  return atMs > loadMs ? [] : [{ what: 'firstRead', atMs, node: primary, by: 'clients' }];
}

/** Only a route that another server, or a new timeline, answered through afterwards shows when that was. */
function routeMoments(
  { fromMs, untilMs }: OutageOf,
  { routes = [] }: PhaseEvidence,
): readonly OutageMoment[] {
  if (untilMs === null) return [];
  return routes.flatMap(({ name, servers }) => {
    const first = servers.find((server) => server.fromMs > fromMs && server.fromMs >= untilMs - 1);
    if (!first) return [];
    const { node, fromMs: atMs } = first;
    return [
      { what: 'firstWrite', atMs: Math.round(atMs), node, route: name, by: 'clients' } as const,
    ];
  });
}
