import path from 'node:path';
import { z } from 'zod';
import type { TakenEvidence } from '../../contracts/evidence.ts';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { edited, problemWith, readStoredText } from '../store/read-json.ts';

/** Of a run's folder. */
export const evidenceFolder = 'evidence';
const fileName = 'evidence.json';

const count = z.int().nonnegative();
const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i, 'not a WAL position');

/** Loose, for a later version adds fields. No path may lead out of the run's folder. */
const schema = z.array(
  z.looseObject({
    node: z.string().min(1),
    folder: z.string().regex(/^evidence\/[\w-][\w.-]*$/, 'not a folder in evidence/'),
    takenAtMs: z.number(),
    durationMs: z.number().nonnegative(),
    disturbedMs: z.number().nonnegative().exactOptional(),
    timeline: count,
    forkLsn: lsn.nullable(),
    segments: z.array(z.string().regex(/^[0-9A-F]{24}$/, 'not the name of a WAL file')),
    image: z.looseObject({ name: z.string(), id: z.string() }).exactOptional(),
    copyBytes: count.nullable(),
    skipped: z.array(z.looseObject({ what: z.string(), why: z.string() })),
  }),
);

export function evidenceFile(directory: string): string {
  return path.join(directory, evidenceFolder, fileName);
}

/**
 * What was taken from the nodes of a run, in the order of the takings; none where nothing was.
 * Errors: ScenarioError for a file that was cut or edited; EnvironmentError for one that this user may not read.
 */
export async function readEvidence(directory: string): Promise<readonly TakenEvidence[]> {
  const file = evidenceFile(directory);
  const text = await readStoredText(file);
  if (text === undefined) return [];
  const value = parsed(file, text);
  const problem = problemWith(schema, value);
  if (problem !== undefined) throw edited(file, problem);
  return value as readonly TakenEvidence[];
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ScenarioError(`${file}: is not JSON: ${messageOf(error)}. It was cut, or edited.`, {
      cause: error,
    });
  }
}
