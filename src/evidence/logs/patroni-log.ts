import { clockSlackMs, rightTime, type RunTimes } from './node-clock.ts';
import { readLogs } from './read-logs.ts';

export interface LogLine {
  /** UTC by the node's own clock, as every lab's Patroni writes it. */
  readonly at: string;
  /** Unix milliseconds, corrected for a fault that moved that clock. */
  readonly atMs: number;
  readonly text: string;
}

/** Node -> the text of its Patroni's log, oldest part first. Undefined: the run kept none. */
export function readPatroniLogs(directory: string): ReadonlyMap<string, string> | undefined {
  const found = readLogs(directory).filter(({ program }) => program === 'patroni');
  return found.length === 0 ? undefined : new Map(found.map(({ node, text }) => [node, text]));
}

/** Shape: `2026-11-20 21:00:51,386 INFO: text`, and lines without a time that go on with the one before. */
export function patroniLines(log: string, times: RunTimes): readonly LogLine[] {
  const lines: { at: string; text: string }[] = [];
  for (const line of log.split('\n')) {
    const [, day, time, ms, text] =
      /^(\S{10}) (\d\d:\d\d:\d\d),(\d{3}) \w+: (.*)$/.exec(line) ?? [];
    const last = lines.at(-1);
    if (text !== undefined) lines.push({ at: `${day}T${time}.${ms}Z`, text });
    else if (last) last.text += `\n${line}`;
  }
  return lines.map(({ at, text }) => ({ at, text, atMs: rightTime(Date.parse(at), times) }));
}

/**
 * Index of the run's first line. A log is in the order of what happened, whatever the clock said: its own are all after
 * the last line that is too old for it.
 */
export function firstOfRun(lines: readonly LogLine[], { startedAt }: RunTimes): number {
  const fromMs = Date.parse(startedAt) - clockSlackMs;
  return lines.findLastIndex(({ atMs }) => atMs < fromMs) + 1;
}
