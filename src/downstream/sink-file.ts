/**
 * A sink of JSON lines: for each batch the lines of its changes, and then that of its position, appended and flushed at once.
 * Only what a position follows is delivered: what comes after the last is the torn tail of an append that a kill cut off.
 */
import { crc32 } from 'node:zlib';
import type { Change, Position } from './change.ts';

export interface FiledBatch {
  readonly number: number;
  readonly changes: readonly Change[];
  readonly to: Position;
}

export interface SinkFile {
  readonly batches: readonly FiledBatch[];
  /** Of the last position's line, in bytes: the next batch begins here. */
  readonly end: number;
}

/** `crc32`: of the lines of the batch's changes. A file system may keep a position and lose what stood before it. */
interface PositionLine {
  readonly batch: number;
  readonly crc32: number;
  readonly to: Position;
}

/** What an append adds. */
export function linesOfBatch({ number, changes, to }: FiledBatch): string {
  const lines = changes.map((change) => `${JSON.stringify(change)}\n`).join('');
  const position: PositionLine = { batch: number, crc32: crc32(lines), to };
  return `${lines}${JSON.stringify(position)}\n`;
}

/** Errors: Error with the line, where more is damaged than a torn tail can be. */
export function readSinkFile(content: Buffer): SinkFile {
  const batches: FiledBatch[] = [];
  let end = 0;
  let changes: Change[] = [];
  for (const line of wholeLines(content)) {
    const value = parsed(line.text);
    if (!isPosition(value)) {
      changes.push(value as Change);
      continue;
    }
    const { batch, to } = value;
    if (crc32(content.subarray(end, line.start)) !== value.crc32) {
      // The last position of the file, of an append whose earlier pages are not on disk.
      if (line.end === content.length) break;
      throw new Error(`line ${line.number}: the changes before it are not those of batch ${batch}`);
    }
    batches.push({ number: batch, changes, to });
    changes = [];
    end = line.end;
  }
  return { batches, end };
}

interface Line {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  /** Behind its newline. */
  readonly end: number;
  readonly text: string;
}

function* wholeLines(content: Buffer): Generator<Line> {
  const newline = 0x0a;
  let number = 0;
  for (
    let start = 0, at = content.indexOf(newline);
    at >= 0;
    at = content.indexOf(newline, start)
  ) {
    number++;
    yield { number, start, end: at + 1, text: content.toString('utf8', start, at) };
    start = at + 1;
  }
}

/** Undefined: it is not JSON, so no position is either. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isPosition(value: unknown): value is PositionLine {
  return typeof value === 'object' && value !== null && 'batch' in value && 'crc32' in value;
}
