import type { LoadSpec } from '../../contracts/scenario.ts';
import type { LeaderChange, OldPrimaryWrites, RouteResult } from '../../contracts/result.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import { OUTCOME } from '../../evidence/journal/format.ts';
import { groupsOfLoad, isWriterOf, onlyReads } from '../../scenario/words/groups.ts';
import { endOfSending, heldStretches } from '../availability/outage.ts';
import type { LostWrites } from '../ledger/lost-log.ts';
import type { Coverage } from '../sections/coverage.ts';
import { binUs, type RouteSightings, type RouteTally } from './route-log.ts';

export interface RouteEvidence {
  readonly load: Pick<LoadSpec, 'groups'>;
  readonly tallies: readonly RouteTally[];
  readonly facts: RunFacts;
  readonly plannedMs: number;
  readonly coverage: Coverage;
  /** null: the roles were not seen. */
  readonly changes: readonly LeaderChange[] | null;
  /** Undefined: the primary was not read. */
  readonly lost: Iterable<LostWrites> | undefined;
}

/** Loss, outage and errors of each route's clients. */
export function routeResults(evidence: RouteEvidence): readonly RouteResult[] {
  const { tallies, facts, coverage, changes } = evidence;
  const lost = lostByRoute(evidence);
  const readers = groupsOfLoad(evidence.load).filter(onlyReads);
  return tallies.map((tally, index): RouteResult => {
    const { name, via, clients } = tally.route;
    const about = facts.routes.find(({ route }) => route === name);
    const count = (outcome: number) => (coverage === 'none' ? null : (tally.writes[outcome] ?? 0));
    const readsOnly = readers.some((group) => isWriterOf(tally.route.firstWriter, group));
    const servers = [...tally.servers.values()].sort((a, b) => a.firstUs - b.firstUs);
    return {
      name,
      via,
      clients,
      acknowledged: count(OUTCOME.acknowledged),
      localOnly: count(OUTCOME.localOnly),
      failed: count(OUTCOME.failed),
      indeterminate: count(OUTCOME.indeterminate),
      lost: coverage === 'none' ? null : (lost?.[index] ?? null),
      ...(readsOnly && { readsOnly }),
      outageMs: readsOnly ? null : outageMs(tally, evidence),
      errors: tally.availability.errors(),
      servers: servers.map(({ node, timeline, acknowledged, firstUs, lastUs }) => ({
        node,
        timeline,
        acknowledged,
        fromMs: Math.round(firstUs / 1000),
        untilMs: Math.round(lastUs / 1000),
      })),
      onOldPrimary: onOldPrimary(servers, changes),
      ...(about && { what: about.what }),
      notes: about?.notes ?? [],
    };
  });
}

/** Undefined: not known, for nothing was read. */
function lostByRoute({ tallies, lost }: RouteEvidence): readonly number[] | undefined {
  if (!lost) return undefined;
  const counts = tallies.map(() => 0);
  for (const { writer, outcome, count } of lost) {
    if (outcome !== 'acknowledged') continue;
    const index = tallies.findIndex(
      ({ route }) => writer >= route.firstWriter && writer < route.firstWriter + route.clients,
    );
    if (index >= 0) counts[index] = (counts[index] ?? 0) + count;
  }
  return counts;
}

function onOldPrimary(
  servers: readonly RouteSightings[],
  changes: RouteEvidence['changes'],
): RouteResult['onOldPrimary'] {
  if (servers.length === 0) return [];
  if (changes === null) return null;
  const found = servers.flatMap((server) => afterTakeover(server, changes) ?? []);
  const mayHideOne = changes.length > 0 && servers.some(({ node }) => node === null);
  return found.length === 0 && mayHideOne ? null : found;
}

/** A route whose clients never got an acknowledgement was out for the whole load. */
function outageMs(
  { availability }: RouteTally,
  { facts, plannedMs, coverage }: RouteEvidence,
): number | null {
  if (facts.loadMs === undefined || coverage === 'none') return null;
  const endUs = endOfSending({ ...facts, loadMs: facts.loadMs, plannedMs }) * 1000;
  const gap = availability.longestGap(endUs, { held: heldStretches(facts) });
  return Math.round(gap.lengthUs / 1000);
}

/** What this server acknowledged after another node was seen to have taken over from it. */
function afterTakeover(
  { node, timeline, sent }: RouteSightings,
  changes: readonly LeaderChange[],
): OldPrimaryWrites | undefined {
  const change = changes.find(
    (each) => each.before === node && each.node !== node && each.timeline > timeline,
  );
  if (node === null || !change) return undefined;
  const firstBin = Math.ceil((change.atMs * 1000) / binUs);
  const later = [...sent].filter(([bin]) => bin >= firstBin);
  if (later.length === 0) return undefined;
  const lastBin = Math.max(...later.map(([bin]) => bin));
  return {
    node,
    timeline,
    newPrimary: change.node,
    sinceMs: change.atMs,
    acknowledged: later.reduce((sum, [, writes]) => sum + writes, 0),
    untilMs: Math.round(((lastBin + 1) * binUs) / 1000),
  };
}
