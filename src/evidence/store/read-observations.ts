import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Observations } from '../../contracts/observation.ts';
import { edited, laterVersion, problemWith, readStoredText, unreadable } from './read-json.ts';
import { fullSchema, headSchema } from './observation-schemas.ts';
import { type FilePart, newPart, takeLine } from './observation-lines.ts';
import { mostBytes, mostLineCharacters, observationsFolder } from '../observations/format.ts';

export interface ObservedRun {
  readonly runId: string;
  /** The start of the load, in milliseconds since the run began. */
  readonly originMs: number;
  /** Readers that the plan has. */
  readonly readers: number;
  /** Whether its clients read, too; default: they do not. */
  readonly hasClientReads?: boolean;
}

/**
 * What the readers of a run saw, in order of the time it was asked; undefined for a load without readers. A line that was cut
 * when its writer died is reported in `missing`.
 * Errors: ScenarioError for a file that no run writes, of another run or of a later version; EnvironmentError.
 */
export async function readObservations(
  directory: string,
  run: ObservedRun,
): Promise<Observations | undefined> {
  if (run.readers === 0 && !run.hasClientReads) return undefined;
  const folder = path.join(directory, observationsFolder);
  const files = await filesIn(folder);
  if (files.length === 0) return { observations: [], missing: ['the readers left no file'] };
  const parts: FilePart[] = [];
  for (const file of files) parts.push(await readFileOf(file, run));
  const sights = parts.flatMap((part) => part.sights);
  const states = {
    beats: parts.flatMap(({ beats }) => beats).sort((a, b) => a.beat - b.beat),
    sights: sights.sort((a, b) => a.firstSentMs - b.firstSentMs),
    stepsBack: parts
      .flatMap(({ stepsBack }) => stepsBack)
      .sort((a, b) => a.to.sentMs - b.to.sentMs),
    ...(run.hasClientReads && {
      clientReads: parts.flatMap(({ clientReads }) => clientReads),
      notSeen: parts.flatMap(({ notSeen }) => notSeen).sort((a, b) => a.sentMs - b.sentMs),
    }),
  };
  const times = parts.flatMap((part) => part.times);
  return {
    observations: parts
      .flatMap(({ observations }) => observations)
      .sort((a, b) => a.sentMs - b.sentMs),
    missing: parts.flatMap(({ missing }) => missing),
    ...(times.length > 0 && { times }),
    ...((states.beats.length > 0 || sights.length > 0) && { states }),
  };
}

/** Errors: ScenarioError when they are together larger than any run makes them: they are not read into memory then. */
async function filesIn(folder: string): Promise<readonly string[]> {
  let bytes = 0;
  const files: string[] = [];
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    for (const name of names) {
      const file = path.join(folder, name);
      bytes += (await stat(file)).size;
      files.push(file);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
  if (bytes > mostBytes)
    throw edited(folder, `${bytes} bytes, and a run keeps at most ${mostBytes}`);
  return files;
}

async function readFileOf(file: string, run: ObservedRun): Promise<FilePart> {
  const part = newPart();
  const name = path.basename(file);
  const lines = ((await readStoredText(file)) ?? '').split('\n');
  // A whole file ends with a line break.
  const rest = lines.pop() ?? '';
  if (rest !== '') part.missing.push(`${name} ends in half a line`);
  const [head, ...others] = lines;
  if (head === undefined) return { ...part, missing: [`${name} is empty`] };
  checkHead(file, head, run.runId);
  for (const [index, line] of others.entries()) {
    const value = parsed(line);
    if (fullSchema.safeParse(value).success && index === others.length - 1) {
      part.missing.push(`${name} reached its largest size, and its readers stopped`);
      continue;
    }
    const problem = takeLine(part, value, run.originMs);
    if (problem !== undefined) throw edited(file, `line ${index + 2}: ${problem}`);
  }
  return part;
}

function checkHead(file: string, line: string, runId: string): void {
  const head = parsed(line) as {
    readonly schemaVersion?: unknown;
    readonly runId?: unknown;
  } | null;
  if (typeof head?.schemaVersion === 'number' && head.schemaVersion !== 1) {
    throw laterVersion(file, head.schemaVersion);
  }
  const problem = problemWith(headSchema, head);
  if (problem !== undefined) throw edited(file, `line 1: ${problem}`);
  if (head?.runId !== runId) throw edited(file, `is of run ${String(head?.runId)}, not ${runId}`);
}

/** Undefined for what is not JSON, or longer than any line. */
function parsed(line: string): unknown {
  if (line.length > mostLineCharacters) return undefined;
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
