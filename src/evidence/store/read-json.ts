import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';

const notOurs = new Set(['EACCES', 'EPERM', 'EIO', 'EMFILE']);

/**
 * A file of a run's folder as text; undefined when there is none.
 * Errors: EnvironmentError when this user may not read it; ScenarioError when it is no file.
 */
export async function readStoredText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, error);
  }
}

/** What it means that a file, or a folder, of a run cannot be read. */
export function unreadable(file: string, error: unknown): Error {
  const said = `${file}: cannot be read: ${messageOf(error)}`;
  if (notOurs.has((error as NodeJS.ErrnoException).code ?? '')) {
    return new EnvironmentError(`${said}. Make it readable for this user.`, { cause: error });
  }
  return new ScenarioError(`${said}. Take the run's folder as it was written.`, { cause: error });
}

/**
 * A JSON file of a run's folder, held to its schema; undefined when there is none.
 * Errors: ScenarioError naming the file and what in it is not as a run writes it: cut, edited, or of a later version.
 */
export async function readStoredJson<T>(
  file: string,
  schema: z.ZodType<T>,
  parse: (text: string) => unknown = JSON.parse,
): Promise<T | undefined> {
  const text = await readStoredText(file);
  if (text === undefined) return undefined;
  const value = parsed(file, text, parse);
  const version = (value as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== 1) throw laterVersion(file, version);
  const problem = problemWith(schema, value);
  if (problem !== undefined) throw edited(file, problem);
  // The value itself: a schema here only looks, and names of a later version stay.
  return value as T;
}

/** The first thing that a schema has against a value: `nodes.0.rows: ...`. */
export function problemWith(schema: z.ZodType, value: unknown): string | undefined {
  const result = schema.safeParse(value);
  if (result.success) return undefined;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'not as it should be'}`;
}

export function edited(file: string, problem: string): ScenarioError {
  return new ScenarioError(
    `${file}: ${problem}. No run writes that: it was edited, or damaged. Take it as it was written.`,
  );
}

export function laterVersion(file: string, version: unknown): ScenarioError {
  const found = typeof version === 'number' ? String(version) : 'none';
  return new ScenarioError(
    `${file}: schema version ${found}; this Forkpoint reads version 1. Use the Forkpoint that wrote it.`,
  );
}

function parsed(file: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new ScenarioError(
      `${file}: is not JSON: ${messageOf(error)}. It was cut while it was written or copied, or edited.`,
      { cause: error },
    );
  }
}
