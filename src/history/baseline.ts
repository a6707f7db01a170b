import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Baseline } from '../contracts/history.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../std/errors.ts';
import { makeFolders } from '../std/make-folders.ts';
import { writeWhole } from '../std/write-whole.ts';
import { recordSchema } from './run-record-schema.ts';

const nameSchema = /^[a-z0-9][a-z0-9._-]{0,59}$/;
const baselineSchema = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  savedAt: z.string(),
  from: z.string(),
  runs: z.array(recordSchema).min(1),
}) satisfies z.ZodType<Baseline>;

/** Path of a baseline. Errors: ScenarioError for an invalid name. */
export function baselineFile(reports: string, name: string): string {
  if (nameSchema.test(name)) return path.join(reports, 'baselines', `${name}.json`);
  const rule = 'lower-case letters, digits, dots, underscores and hyphens, at most 60';
  throw new ScenarioError(`baseline '${name}': a name is made of ${rule}`);
}

/** Errors: EnvironmentError when it cannot be written. */
export async function saveBaseline(reports: string, baseline: Baseline): Promise<string> {
  const file = baselineFile(reports, baseline.name);
  try {
    await makeFolders(path.dirname(file));
  } catch (error) {
    throw new EnvironmentError(`cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
  await writeWhole(file, `${JSON.stringify(baseline, null, 2)}\n`);
  return file;
}

/** Undefined when there is no such baseline. Errors: ScenarioError when it cannot be parsed. */
export async function readBaseline(reports: string, name: string): Promise<Baseline | undefined> {
  if (!nameSchema.test(name)) return undefined;
  const file = baselineFile(reports, name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new EnvironmentError(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return baselineSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ScenarioError(
      `${file}: ${firstProblem(error)}. \`forkpoint baseline\` writes it again.`,
      {
        cause: error,
      },
    );
  }
}

export async function baselineNames(reports: string): Promise<readonly string[]> {
  const files = await readdir(path.join(reports, 'baselines')).catch(() => []);
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.parse(file).name)
    .sort();
}

function firstProblem(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error);
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
}
