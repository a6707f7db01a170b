import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Result } from '../../contracts/result.ts';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { checkResult } from './result-schema.ts';
import { howFar } from './progress.ts';
import { readRunHead } from './read-run.ts';

/**
 * A stored verdict, as it was written.
 * Errors: ScenarioError when there is none, it is of a later version, or it was edited into something else.
 */
export async function readResult(directory: string): Promise<Result> {
  const file = path.join(directory, 'result.json');
  const again = '`forkpoint judge` makes a new one from the evidence.';
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = isAbsent ? 'is not there' : `cannot be read: ${messageOf(error)}`;
    throw new ScenarioError(`${file}: ${what}. ${again}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScenarioError(`${file}: is not JSON: ${messageOf(error)}. ${again}`, {
      cause: error,
    });
  }
  return checked(value, file, again);
}

/**
 * The same, of the run whose events lie beside it; where there is no verdict, they say how far the run came.
 * Errors: also ScenarioError for the verdict of another run.
 */
export async function readResultOf(directory: string): Promise<Result> {
  if (!existsSync(path.join(directory, 'result.json'))) {
    throw new ScenarioError(`${directory}: this run has no result. ${howFar(directory)}`);
  }
  const result = await readResult(directory);
  const { runId } = readRunHead(directory);
  if (result.runId === runId) return result;
  throw new ScenarioError(
    `${path.join(directory, 'result.json')}: is of run ${result.runId}, events.jsonl of run ${runId}. \`forkpoint judge\` makes a new one.`,
  );
}

function checked(value: unknown, file: string, again: string): Result {
  const version = (value as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== 1) {
    const found = typeof version === 'number' ? String(version) : 'none';
    throw new ScenarioError(`${file}: schema version ${found}; this Forkpoint reads version 1`);
  }
  const found = checkResult(value);
  if ('problem' in found) throw new ScenarioError(`${file}: ${found.problem}. ${again}`);
  return found.result;
}
