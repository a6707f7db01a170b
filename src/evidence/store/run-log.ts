import type { LogExcerpt, RunEvent } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { ScenarioError } from '../../std/errors.ts';
import { clockSkews } from '../events/clock-skews.ts';
import { runFacts } from '../events/run-facts.ts';
import { readRunEvents } from './read-run.ts';
import { Excerpt } from '../logs/excerpt.ts';
import { momentsOf } from '../logs/moments.ts';
import { clockSlackMs, rightTime } from '../logs/node-clock.ts';
import { findLogs } from '../logs/find-logs.ts';
import { timedLines } from '../logs/timed-lines.ts';

/**
 * What the nodes of a run logged around its moments; logs of any size take a few megabytes of memory. Undefined: no log in its folder has a time that can be read, or its events do not
 * say when the load began.
 */
export function runLog(directory: string, result: Result): LogExcerpt | undefined {
  const logs = findLogs(directory);
  if (logs.length === 0) return undefined;
  const events = eventsIn(directory);
  if (!events) return undefined;
  const { startedAt, originMs } = runFacts(events);
  const allSkews = clockSkews(events, startedAt);
  const startMs = Date.parse(startedAt);
  const excerpt = new Excerpt(momentsOf(result));
  let undated = 0;
  let dated = 0;
  for (const { node, program, lines } of logs) {
    const times = { startedAt, skews: allSkews.filter((skew) => skew.node === node) };
    for (const { atMs: shownMs, text } of timedLines(lines())) {
      if (shownMs === null) {
        undated++;
        continue;
      }
      const atMs = rightTime(shownMs, times);
      if (atMs < startMs - clockSlackMs) continue;
      dated++;
      excerpt.add([Math.round(atMs - startMs - originMs), node, program, text]);
    }
  }
  if (dated === 0) return undefined;
  const { lines, leftOut } = excerpt.finish();
  return { lines, leftOut: leftOut + undated };
}

/** Undefined: they are gone, or edited. A report is written all the same: the result has what was judged. */
function eventsIn(directory: string): readonly RunEvent[] | undefined {
  try {
    return readRunEvents(directory);
  } catch (error) {
    if (error instanceof ScenarioError) return undefined;
    throw error;
  }
}
