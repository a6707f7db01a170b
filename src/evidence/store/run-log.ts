import type { LogExcerpt, LogExcerptLine, RunEvent } from '../../contracts/evidence.ts';
import type { Result } from '../../contracts/result.ts';
import { ScenarioError } from '../../std/errors.ts';
import { clockSkews } from '../events/clock-skews.ts';
import { runFacts } from '../events/run-facts.ts';
import { readRunEvents } from './read-run.ts';
import { excerpt } from '../logs/excerpt.ts';
import { momentsOf } from '../logs/moments.ts';
import { clockSlackMs, rightTime } from '../logs/node-clock.ts';
import { readLogs } from '../logs/read-logs.ts';
import { timedLines } from '../logs/timed-lines.ts';

/**
 * What the nodes of a run logged around its moments. Undefined: no log in its folder has a time that can be read, or its events do not
 * say when the load began.
 */
export function runLog(directory: string, result: Result): LogExcerpt | undefined {
  const logs = readLogs(directory);
  if (logs.length === 0) return undefined;
  const events = eventsIn(directory);
  if (!events) return undefined;
  const { startedAt, originMs } = runFacts(events);
  const allSkews = clockSkews(events, startedAt);
  const startMs = Date.parse(startedAt);
  let leftOut = 0;
  const found = logs.flatMap(({ node, program, text }): LogExcerptLine[] => {
    const times = { startedAt, skews: allSkews.filter((skew) => skew.node === node) };
    const { lines, undated } = timedLines(text);
    leftOut += undated;
    return lines
      .map((line) => ({ ...line, atMs: rightTime(line.atMs, times) }))
      .filter(({ atMs }) => atMs >= startMs - clockSlackMs)
      .map((line) => [Math.round(line.atMs - startMs - originMs), node, program, line.text]);
  });
  if (found.length === 0) return undefined;
  const { lines, leftOut: tooFar } = excerpt(found, momentsOf(result));
  return { lines, leftOut: leftOut + tooFar };
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
