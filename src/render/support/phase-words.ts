import type { OutageEvent, OutagePart, OutagePhases, Result } from '../../contracts/result.ts';
import { listed, plural, seconds } from './format.ts';

const partsNamed = 3;

export const momentWords = {
  lastAcknowledgement: 'last acknowledged write',
  firstError: 'first error',
  lockLost: 'lock lost',
  lockTaken: 'lock taken',
  promotionRequested: 'promotion requested',
  recoveryEnded: 'recovery ended',
  newTimeline: 'new timeline',
  firstRead: 'first read',
  firstWrite: 'first write',
  replicaStreams: 'a replica streams',
  fullRedundancy: 'every node streams',
} as const satisfies Record<OutageEvent, string>;

/** Those of the outage itself, without what followed the first write; the longest first. */
export function largestParts({ parts, untilMs }: OutagePhases): readonly OutagePart[] {
  return parts
    .filter(({ fromMs, ms }) => ms > 0 && (untilMs === null || fromMs < untilMs))
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, partsNamed);
}

/** What each outage was spent on, a paragraph per outage. */
export function phaseSentences({
  outagePhases = [],
}: Pick<Result, 'outagePhases'>): readonly string[] {
  return outagePhases.flatMap((phases) => {
    const spent = spentSentence(phases);
    return spent === undefined ? [] : [`${outageName(phases)}: ${spent}`];
  });
}

/** '19.2 s: ttl 20 had to expire; ...'; undefined: nothing of it was seen. */
export function spentSentence(phases: OutagePhases): string | undefined {
  const largest = largestParts(phases);
  if (largest.length === 0) return undefined;
  const parts = largest.map(({ ms, why }) => `${seconds(ms)}: ${why}`);
  return `${parts.join('; ')}.${shortened(largest)}${ofClients(phases)}`;
}

export function outageName({ faults, fromMs, untilMs }: OutagePhases): string {
  const after = `after ${listed(faults.map((fault) => `'${fault}'`))}`;
  const long = untilMs === null ? 'to the end of the load' : `of ${seconds(untilMs - fromMs)}`;
  return `Outage ${long} ${after}`;
}

function shortened(parts: readonly OutagePart[]): string {
  const settings = parts.flatMap(({ setting }) => setting ?? []);
  return settings.length === 0 ? '' : ` What would shorten it: ${settings.join('; ')}.`;
}

function ofClients({ clients }: OutagePhases): string {
  if (!clients) return '';
  const { writers, p50Ms, p90Ms, mostMs } = clients;
  return ` Of ${plural(writers, 'client')} that had their longest pause in it, half waited ${seconds(p50Ms)} or longer, a tenth ${seconds(p90Ms)}, one ${seconds(mostMs)}.`;
}

export const phaseHead = ['at', 'what', 'node', 'took', 'seen by'] as const;

const sources = {
  clients: 'clients',
  topology: 'the watcher',
  patroniLog: "Patroni's log",
  postgresLog: "PostgreSQL's log",
} as const;

/** The moments of an outage, each with the part that it ends. */
export function phaseRows({ moments, parts }: OutagePhases): readonly (readonly string[])[] {
  return moments.map(({ what, atMs, node, route, by }) => {
    const part = route === undefined ? parts.find(({ until }) => until === what) : undefined;
    const through = route === undefined ? '' : ` through ${route}`;
    const took = part ? `${seconds(part.ms)}: ${part.why}` : '';
    return [seconds(atMs), `${momentWords[what]}${through}`, node ?? '', took, sources[by]];
  });
}
