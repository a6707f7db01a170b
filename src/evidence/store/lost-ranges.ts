import { closeSync, createWriteStream, existsSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import type { LostRange, Result } from '../../contracts/result.ts';
import { isKnownError, messageOf, ScenarioError } from '../../std/errors.ts';
import { asciiControls } from '../../std/plain.ts';
import { lossSummaryOf, lostRangesFile } from '../../std/units/loss-summary.ts';
import { replaceWhole, unwritable } from '../../std/write-whole.ts';
import { edited, problemWith, unreadable } from './read-json.ts';
import { lostRange } from './result-schema/loss.ts';

const PIECE_CHARACTERS = 1 << 16;
/** A range with its names takes some 200. */
const MOST_LINE_CHARACTERS = 1 << 16;

/**
 * Writes every lost range, one a line, where the result does not name them all; else no such file stays.
 * Errors: EnvironmentError when it cannot be written.
 */
export async function writeLostRanges(
  directory: string,
  result: Result,
  ranges: Iterable<LostRange>,
): Promise<void> {
  const file = path.join(directory, lostRangesFile);
  if (lossSummaryOf(result).file !== null) {
    await replaceWhole(file, (unfinished) =>
      pipeline(Readable.from(pieces(ranges)), createWriteStream(unfinished)),
    );
    return;
  }
  await rm(file, { force: true }).catch((error: unknown) => {
    throw unwritable(file, error);
  });
}

/** Lines, as many at a time as make a write worth its while. */
function* pieces(ranges: Iterable<LostRange>): Generator<string> {
  let piece = '';
  for (const range of ranges) {
    piece += `${asciiControls(JSON.stringify(range))}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/**
 * Every lost range of a stored result, from the file beside it where the result does not name them all.
 * Errors: ScenarioError where that file is not there, or is not the result's, of which the last is found at its end;
 * EnvironmentError where it cannot be read.
 */
export function* storedLostRanges(directory: string, result: Result): Generator<LostRange> {
  const { file: name, ranges } = lossSummaryOf(result);
  if (name === null) {
    yield* result.lostRanges;
    return;
  }
  // By its own name: what a result says is no path.
  const file = path.join(directory, lostRangesFile);
  const again = '`forkpoint judge` makes a new one from the evidence.';
  if (!existsSync(file)) {
    throw new ScenarioError(
      `${file}: is not there, and result.json names ${result.lostRanges.length} of ${ranges} lost ranges. ${again}`,
    );
  }
  let number = 0;
  for (const line of linesOf(file)) yield parsed(file, line, ++number);
  if (number === ranges) return;
  throw new ScenarioError(
    `${file}: has ${number} lost ranges, and by result.json there are ${ranges}. ${again}`,
  );
}

function* linesOf(file: string): Generator<string> {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const buffer = Buffer.alloc(PIECE_CHARACTERS);
    const decoder = new StringDecoder();
    let rest = '';
    for (;;) {
      const bytes = readSync(fd, buffer);
      if (bytes === 0) break;
      const lines = (rest + decoder.write(buffer.subarray(0, bytes))).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MOST_LINE_CHARACTERS) break;
      yield* lines;
    }
    if (rest !== '') throw edited(file, 'its last line is cut');
  } catch (error) {
    throw isKnownError(error) ? error : unreadable(file, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function parsed(file: string, line: string, number: number): LostRange {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw edited(file, `line ${number} is not JSON: ${messageOf(error)}`);
  }
  const problem = problemWith(lostRange, value);
  if (problem !== undefined) throw edited(file, `line ${number}: ${problem}`);
  return value as LostRange;
}
