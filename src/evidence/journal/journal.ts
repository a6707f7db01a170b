/** The journal: every operation of one worker, in one append-only file. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

export { JournalWriter } from './writer.ts';
export { RecordCursor } from './cursor.ts';
export type { JournalCut } from './frames.ts';
export { journalRecords, problemOf, readJournal } from './reader.ts';
export type { JournalExpectation, JournalReading } from './reader.ts';
export type { JournalVisitor } from './visitor.ts';

/** Where a worker of a run keeps its journal. */
export function journalPath(runDirectory: string, worker: number): string {
  return path.join(runDirectory, 'journal', `${worker}.bin`);
}

/** The journals of a run's folder, by number of worker; empty when it has none. */
export function journalPaths(runDirectory: string): string[] {
  const directory = path.join(runDirectory, 'journal');
  const workerOf = (name: string) => Number(name.slice(0, -'.bin'.length));
  return namesIn(directory)
    .filter((name) => name.endsWith('.bin'))
    .sort((a, b) => workerOf(a) - workerOf(b) || a.localeCompare(b))
    .map((name) => path.join(directory, name));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
