import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClockSkew } from './clock-skews.ts';

/** Clocks of a node and of the harness may differ a little; those of another run do by more. */
const clockSlackMs = 10_000;

export interface LogLine {
  /** UTC by the node's own clock, as every lab's Patroni writes it. */
  readonly at: string;
  /** Unix milliseconds, corrected for a fault that moved that clock. */
  readonly atMs: number;
  readonly text: string;
}

/** Distinguishes the lines of a run from those of an earlier run in the same lab. */
export interface RunTimes {
  readonly startedAt: string;
  /** Of this node's clock. */
  readonly skews: readonly ClockSkew[];
}

/** Node -> the text of its Patroni's log, oldest part first. Undefined: the run kept none. */
export function readPatroniLogs(directory: string): ReadonlyMap<string, string> | undefined {
  const logs = path.join(directory, 'logs');
  if (!existsSync(logs)) return undefined;
  const found = readdirSync(logs, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const files = readdirSync(path.join(logs, entry.name)).filter(isPatroniLog).sort(oldestFirst);
    const text = files.map((file) => readFileSync(path.join(logs, entry.name, file), 'utf8'));
    return files.length === 0 ? [] : [[entry.name, text.join('')] as const];
  });
  return found.length === 0 ? undefined : new Map(found);
}

function isPatroniLog(file: string): boolean {
  return /^patroni[.]log([.]\d+)?$/.test(file);
}

/** patroni.log.2, patroni.log.1, patroni.log. */
function oldestFirst(a: string, b: string): number {
  const age = (file: string) => Number(/\d+$/.exec(file)?.[0] ?? 0);
  return age(b) - age(a);
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

/** A time that this run's clocks could not show unless a fault moved them. */
function rightTime(shownMs: number, { startedAt, skews }: RunTimes): number {
  const skew = skews.find(({ byMs, fromMs, untilMs }) => {
    const isShifted =
      shownMs - byMs >= fromMs - clockSlackMs && shownMs - byMs <= untilMs + clockSlackMs;
    const isPlain = shownMs >= Date.parse(startedAt) - clockSlackMs && shownMs <= untilMs;
    return isShifted && !isPlain;
  });
  return skew ? shownMs - skew.byMs : shownMs;
}
