import type { RunEvent } from '../../contracts/evidence.ts';
import type { Rejoin, Result } from '../../contracts/result.ts';
import { clockSkews } from '../../evidence/events/clock-skews.ts';
import type { RunTimes } from '../../evidence/logs/node-clock.ts';
import { isOfEarlierRun, patroniLines, patroniLogs } from '../../evidence/logs/patroni-log.ts';

/**
 * How nodes came back after they had diverged, from Patroni's logs in a run's folder.
 * Returns null without such logs: unknown, which is not the same as none.
 */
export function readRejoins(
  directory: string,
  startedAt: string,
  events: readonly RunEvent[] = [],
): Result['rejoins'] {
  const logs = patroniLogs(directory);
  if (!logs) return null;
  const skews = clockSkews(events, startedAt);
  return logs
    .flatMap(({ node, lines }) => {
      const own = skews.filter((skew) => skew.node === node);
      return timedRejoins(node, lines(), { startedAt, skews: own });
    })
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ rejoin }) => rejoin);
}

/** In the order of the log. */
export function rejoinsOf(
  node: string,
  lines: Iterable<string>,
  times: RunTimes,
): readonly Rejoin[] {
  return timedRejoins(node, lines, times).map(({ rejoin }) => rejoin);
}

interface TimedRejoin {
  readonly atMs: number;
  rejoin: Rejoin;
}

/**
 * Source: Patroni, postgresql/rewind.py (pg_rewind) and bootstrap.py (create_replica), the same words in 3.0 to 4.0; pg_rewind.c.
 */
function timedRejoins(node: string, lines: Iterable<string>, times: RunTimes): TimedRejoin[] {
  let rejoins: TimedRejoin[] = [];
  let rewind: { readonly atMs: number; source: string | null } | undefined;
  let isBorn = false;
  let isSaid = false;
  for (const line of patroniLines(lines, times)) {
    const { at, atMs, text } = line;
    const isOwn = !isOfEarlierRun(line, times);
    if (!isOwn) rejoins = [];
    const source = /^running pg_rewind from (\S+)$/.exec(text)?.[1];
    if (source !== undefined) rewind = { atMs, source };
    // Given twice: the member's name, then how it is reached.
    else if (/^running pg_rewind from .*=/.test(text))
      rewind = { atMs, source: rewind?.source ?? null };
    const code = /^pg_rewind exit code=(.*)$/s.exec(text)?.[1];
    if (code !== undefined && isOwn) {
      const [from, ms] = [rewind?.source ?? null, rewind ? lasted(rewind.atMs, atMs) : null];
      rejoins.push({ atMs, rejoin: { ...blank, node, at, from, ms, ...outcomeOf(code) } });
    }
    // Its two outputs come right after; other programs' are told in the same form.
    isSaid = isOwn && (code !== undefined || (isSaid && /^ std(out|err)=/.test(text)));
    if (isSaid && code === undefined) addWords(rejoins, text);
    const isClone = text.startsWith('replica has been created using');
    if (isClone && isBorn && isOwn)
      rejoins.push({ atMs, rejoin: { ...blank, node, at, how: 'cloned' } });
    if (isClone || text.startsWith('initialized a new cluster')) isBorn = true;
  }
  return rejoins;
}

const blank = {
  from: null,
  ms: null,
  forkTimeline: null,
  forkLsn: null,
  rewoundTo: null,
  said: null,
};

/** `-15`: by a signal, as Python gives it; `None`: not even started. What pg_rewind says itself replaces `said`. */
function outcomeOf(exitCode: string): Pick<Rejoin, 'how' | 'said'> {
  const code = exitCode.trim();
  if (code === '0') return { how: 'rewound', said: null };
  if (!code.startsWith('-')) return { how: 'rewindFailed', said: `exit code ${code}` };
  const by = `ended by signal ${code.slice(1)} before it was done`;
  return { how: 'rewindFailed', said: `${by}, as Patroni does to cancel it` };
}

/** null: a clock jumped in between, by an unknown amount. */
function lasted(fromMs: number, untilMs: number): number | null {
  return untilMs < fromMs ? null : untilMs - fromMs;
}

/** What pg_rewind said goes with the attempt before it. */
function addWords(rejoins: readonly TimedRejoin[], said: string): void {
  const last = rejoins.at(-1);
  if (!last) return;
  const fork = /servers diverged at WAL location (\S+) on timeline (\d+)/.exec(said);
  const checkpoint = /rewinding from last common checkpoint at (\S+)/.exec(said);
  const error = /(?:fatal|error): (.*)/.exec(said);
  last.rejoin = {
    ...last.rejoin,
    ...(fork && { forkLsn: fork[1] ?? null, forkTimeline: Number(fork[2]) }),
    ...(checkpoint && { rewoundTo: checkpoint[1] ?? null }),
    ...(error && { said: error[1] ?? null }),
  };
}
