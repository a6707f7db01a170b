import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../contracts/json.ts';
import type { WorkloadFile } from '../../contracts/scenario.ts';
import type { Workload } from '../../contracts/workload.ts';
import { ScenarioError } from '../../std/errors.ts';
import { plain } from '../../std/plain.ts';
import { wordsFor } from '../words/find-file.ts';
import { isMapping } from './mapping.ts';
import type { Problem } from './problems.ts';

/** A plan holds the text, and so does everything that is made from a plan. */
const mostBytes = 1024 ** 2;

type Files = Readonly<Record<string, WorkloadFile>>;

/**
 * The files that a workload's keys name, relative to the scenario's own file. Undefined: it has none. One that cannot be read is a
 * problem of its key; `path`: where the keys stand in the file.
 */
export function readWorkloadFiles(
  { files: keys = [] }: Pick<Workload, 'files'>,
  params: Json,
  {
    scenarioFile,
    path: place,
  }: { readonly scenarioFile: string; readonly path: readonly string[] },
): { readonly files?: Files; readonly problems: readonly Problem[] } {
  if (keys.length === 0 || !isMapping(params)) return { problems: [] };
  const files: Record<string, WorkloadFile> = {};
  const problems: Problem[] = [];
  for (const key of keys) {
    const named = params[key];
    if (typeof named !== 'string') continue;
    const file = path.resolve(path.dirname(scenarioFile), named);
    try {
      const text = readText(file);
      files[key] = { name: shownPath(file), text, sha256: sha256Of(text) };
    } catch (error) {
      const message = `${shownPath(file)}: ${wordsFor(error)}`;
      problems.push({ path: [...place, key], message });
    }
  }
  return { files, problems };
}

/** Errors: ScenarioError for a stored text that is not the one that was planned: a secret in it was masked, or it was edited. */
export function requireSameFiles(files: Files): void {
  for (const { name, text, sha256 } of Object.values(files)) {
    if (sha256Of(text) === sha256) continue;
    const why = 'its text in the plan is not the one that ran (a bundle masks secrets)';
    throw new ScenarioError(`${name}: ${why}: run the scenario with the file itself`);
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readText(file: string): string {
  const { size } = statSync(file);
  if (size > mostBytes) throw new Error('is larger than 1MB');
  const bytes = readFileSync(file);
  if (bytes.includes(0)) throw new Error('is not text: it has a zero byte');
  try {
    // A byte order mark is left out; line ends stay as they are.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('is not text in UTF-8', { cause });
  }
}

/** Relative to the current folder where that is shorter. */
function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return plain(relative.startsWith('..') ? file : relative);
}
