import type { Mark, Result } from '../../contracts/result.ts';
import { listed, seconds } from './format.ts';

/** A note may come a moment after what it is about. */
const lateMs = 1_000;

/** ", 0.8 s after your mark 'switch the VIP'": the last one before a moment; empty if there is none. */
export function afterMark({ marks = [] }: Pick<Result, 'marks'>, atMs: number): string {
  const last = marks.findLast((mark) => mark.atMs <= atMs);
  const next = marks.find((mark) => mark.atMs > atMs && mark.atMs <= atMs + lateMs);
  if (last) return `, ${seconds(atMs - last.atMs)} after your mark '${last.text}'`;
  return next ? `, ${seconds(next.atMs - atMs)} before your mark '${next.text}'` : '';
}

/** 'switch the VIP' at 12.3 s: for a list. */
export function markLine({ text, atMs, gap }: Mark): string {
  return `Mark '${text}' at ${seconds(atMs)}${gapWords(gap)}`;
}

function gapWords(gap: Mark['gap']): string {
  if (!gap) return '';
  const words = gapOf(gap);
  return `: the longest time without an acknowledged write then: ${words}`;
}

/** `3.2 s from 12.1 s on`, or that it did not end. */
export function gapOf({ fromMs, untilMs }: NonNullable<Mark['gap']>): string {
  if (untilMs === null) return `none from ${seconds(fromMs)} to the end`;
  return `${seconds(untilMs - fromMs)} from ${seconds(fromMs)} on`;
}

/** The marks in one sentence; none if there are none. */
export function markSentences({ marks = [] }: Pick<Result, 'marks'>): readonly string[] {
  if (marks.length === 0) return [];
  const shown = marks.slice(0, 3).map(({ text, atMs }) => `'${text}' at ${seconds(atMs)}`);
  const rest = marks.length - shown.length;
  return [`Your marks: ${listed([...shown, ...(rest > 0 ? [`${rest} more`] : [])])}.`];
}
