import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunRecord } from '../contracts/history.ts';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { recordSchema } from './run-record-schema.ts';

export const historyFileName = 'history.jsonl';

/**
 * Adds a line for each run. Several processes may do so at once: each call is a single write at the end of the file, and
 * the kernel does not interleave those.
 * Errors: EnvironmentError when it cannot be written.
 */
export async function appendToHistory(
  reports: string,
  records: readonly RunRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const file = path.join(reports, historyFileName);
  try {
    await using handle = await open(file, 'a+');
    // A process that was killed while writing left half a line; without a line feed it would spoil ours.
    const start = (await endsInMidLine(handle)) ? '\n' : '';
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const bytes = Buffer.from(start + lines);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) throw new Error('the disk is full');
  } catch (error) {
    throw new EnvironmentError(`cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

export interface ReadHistory {
  /** Oldest line first; for a run that was recorded again only the later line. */
  readonly records: readonly RunRecord[];
  /** Unreadable lines, one sentence each. */
  readonly problems: readonly string[];
}

/** The runs recorded in a reports folder; empty if there is no runs.jsonl yet. Errors: EnvironmentError when it cannot be read. */
export async function readHistory(reports: string): Promise<ReadHistory> {
  const file = path.join(reports, historyFileName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { records: [], problems: [] };
    throw new EnvironmentError(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  return parseHistory(text);
}

/** Reports invalid lines, except a last one that was cut off: its run is in its folder all the same. */
export function parseHistory(text: string): ReadHistory {
  const lines = text.split('\n');
  const torn = lines.pop();
  const problems: string[] = [];
  const byRun = new Map<string, RunRecord>();
  for (const [index, line] of [...lines, torn ?? ''].entries()) {
    if (line === '') continue;
    const read = parseLine(line);
    if (typeof read !== 'string') {
      // Lines without a run id are all kept.
      const key = read.runId ?? `line ${index}`;
      const before = byRun.get(key);
      byRun.delete(key);
      byRun.set(key, before ? recordedAgain(before, read) : read);
    } else if (index < lines.length) {
      problems.push(`${historyFileName}:${index + 1}: ${read}`);
    }
  }
  return { records: [...byRun.values()], problems };
}

/** Merges two lines of a run: the one made from its folder lacks what started the run; processes may write in any order. */
function recordedAgain(before: RunRecord, after: RunRecord): RunRecord {
  const matrix = after.matrix ?? before.matrix;
  return {
    ...after,
    ...(matrix && { matrix }),
    suite: after.suite ?? before.suite,
    commit: after.commit ?? before.commit,
  };
}

function parseLine(line: string): RunRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'is no line of JSON';
  }
  const version = (value as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version > 1) {
    return `is of schema version ${version}; this Forkpoint reads version 1`;
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
}

async function endsInMidLine(handle: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last.toString() !== '\n';
}
