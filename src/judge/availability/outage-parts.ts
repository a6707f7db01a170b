import type { OutageEvent, OutageMoment, OutagePart } from '../../contracts/result.ts';

export interface PatroniTimes {
  readonly ttlSeconds: number;
  readonly loopWaitSeconds: number;
}

interface Outage {
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly patroni: PatroniTimes | undefined;
}

/** What ends a part; the others are only marked. */
type End = Exclude<OutageEvent, 'lastAcknowledgement' | 'firstError' | 'firstRead'>;

function isEnd(what: OutageEvent): what is End {
  return what !== 'lastAcknowledgement' && what !== 'firstError' && what !== 'firstRead';
}

/** A leader that is gone is missed after its lock's ttl, less what was left of the loop in which it renewed it last. */
const mostOfTtl = 0.6;

/** The time from the last acknowledgement on, cut where a moment ends a part. `moments`: in order of time. */
export function partsOf(moments: readonly OutageMoment[], outage: Outage): readonly OutagePart[] {
  const parts: OutagePart[] = [];
  const seen = new Set<OutageEvent>();
  let fromMs = outage.fromMs;
  for (const { what, atMs, route } of moments) {
    if (route !== undefined || !isEnd(what) || seen.has(what) || atMs < fromMs) continue;
    seen.add(what);
    const ms = atMs - fromMs;
    parts.push({ until: what, fromMs, ms, ...spentOn(what, ms, { ...outage, seen }) });
    fromMs = atMs;
  }
  return parts;
}

function spentOn(
  what: End,
  ms: number,
  { patroni, seen }: Outage & { readonly seen: ReadonlySet<OutageEvent> },
): Pick<OutagePart, 'why' | 'setting'> {
  switch (what) {
    case 'lockLost': {
      const ttl = patroni?.ttlSeconds;
      const isExpiry = ttl === undefined || ms >= mostOfTtl * ttl * 1000;
      if (!isExpiry) return { why: 'the leader had to give up its lock', setting: null };
      return { why: `ttl${ttl === undefined ? '' : ` ${ttl}`} had to expire`, setting: 'ttl' };
    }
    case 'lockTaken':
      return { why: 'a node had to take the lock', setting: 'loop_wait' };
    case 'promotionRequested':
      return { why: 'Patroni had to ask PostgreSQL for the promotion', setting: null };
    case 'recoveryEnded':
      return { why: 'the new primary had to replay what it had received', setting: null };
    case 'newTimeline':
      return { why: 'the new primary had to begin its timeline', setting: null };
    case 'firstWrite':
      return seen.has('lockTaken') || seen.has('newTimeline')
        ? {
            why: 'clients had to find the new primary, and it had to acknowledge',
            setting: "the clients' connection timeout and retries, or the route's health checks",
          }
        : { why: 'the primary had to acknowledge again', setting: null };
    case 'replicaStreams':
      return {
        why: 'a replica had to stream from the new primary',
        setting: 'wal_retrieve_retry_interval',
      };
    case 'fullRedundancy':
      return { why: 'every other node had to stream again', setting: null };
  }
}
