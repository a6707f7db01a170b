import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { observationsFolder, type ReadTimesLine } from '../observations/format.ts';

const begins = '{"readSecond"';

/** The lines of read times among lines of observations; what is no whole line is left out. */
export function* readTimesIn(text: string): Generator<ReadTimesLine> {
  for (const line of text.split('\n')) {
    if (!line.startsWith(begins)) continue;
    try {
      yield JSON.parse(line) as ReadTimesLine;
    } catch {
      // Its writer died in the middle of it.
    }
  }
}

/** Those of a stored run. */
export function* storedReadTimes(directory: string): Generator<ReadTimesLine> {
  const folder = path.join(directory, observationsFolder);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.jsonl'))) {
    yield* readTimesIn(readFileSync(path.join(folder, name), 'utf8'));
  }
}
