import { clockSlackMs, rightTime, type RunTimes } from './node-clock.ts';
import { findLogs, type NodeLog } from './find-logs.ts';
import { mostLineCharacters } from './stream-lines.ts';

export interface LogLine {
  /** UTC by the node's own clock, as every lab's Patroni writes it. */
  readonly at: string;
  /** Unix milliseconds, corrected for a fault that moved that clock. */
  readonly atMs: number;
  readonly text: string;
}

/** The log of each node's Patroni. Undefined: the run kept none. */
export function patroniLogs(directory: string): readonly NodeLog[] | undefined {
  const found = findLogs(directory).filter(({ program }) => program === 'patroni');
  return found.length === 0 ? undefined : found;
}

/** Shape: `2026-11-20 21:00:51,386 INFO: text`, and lines without a time that go on with the one before. */
export function* patroniLines(lines: Iterable<string>, times: RunTimes): Generator<LogLine> {
  let open: { at: string; text: string } | undefined;
  const timed = ({ at, text }: { readonly at: string; readonly text: string }): LogLine => {
    return { at, text, atMs: rightTime(Date.parse(at), times) };
  };
  for (const line of lines) {
    const [, day, time, ms, text] =
      /^(\S{10}) (\d\d:\d\d:\d\d),(\d{3}) \w+: (.*)$/.exec(line) ?? [];
    if (text !== undefined) {
      if (open) yield timed(open);
      open = { at: `${day}T${time}.${ms}Z`, text };
    } else if (open && open.text.length + line.length < mostLineCharacters) {
      // What pg_rewind prints of every file it copies is longer.
      open.text += `\n${line}`;
    }
  }
  if (open) yield timed(open);
}

/**
 * Whether a line, and so every line before it, is of an earlier run: a log is in the order of what happened, whatever the
 * clock said.
 */
export function isOfEarlierRun({ atMs }: LogLine, { startedAt }: RunTimes): boolean {
  return atMs < Date.parse(startedAt) - clockSlackMs;
}
