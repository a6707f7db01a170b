import path from 'node:path';
import { z } from 'zod';
import type { ArchiveEvidence } from '../../contracts/archive.ts';
import { lsn, nodeReading } from './evidence-schemas.ts';
import { edited, readStoredJson } from './read-json.ts';

/** What was found of a run's archive, in its folder. */
export const archiveFile = 'archive.json';

const text = z.string();
const count = z.int().nonnegative();
const place = z.looseObject({ timeline: count, lsn });
const found = z.looseObject({
  segmentBytes: z.int().min(2 ** 20),
  from: place,
  end: place,
  ancestors: z.array(place),
  files: z.array(
    z.looseObject({
      name: text,
      bytes: count,
      sha256: text,
      holds: place.nullable().exactOptional(),
      isAsNamed: z.boolean().exactOptional(),
    }),
  ),
  isNoted: z.literal(true).exactOptional(),
  pushes: z.array(
    z.looseObject({
      node: text,
      name: text,
      sha256: text,
      how: z.enum(['archived', 'again', 'refused']),
    }),
  ),
  restores: z.array(
    z.looseObject({
      to: z.enum(['end', 'fork']),
      lsn: lsn.exactOptional(),
      reached: place.nullable(),
      isRefused: z.literal(true).exactOptional(),
      reading: nodeReading,
    }),
  ),
});

const schema = z.looseObject({
  schemaVersion: z.literal(1),
  runId: text,
  reason: text.exactOptional(),
  found: found.exactOptional(),
}) as z.ZodType as z.ZodType<ArchiveEvidence>;

/** Undefined: the run found nothing of an archive. Errors: ScenarioError for a file that no run writes; EnvironmentError. */
export async function readArchive(
  directory: string,
  runId: string,
): Promise<ArchiveEvidence | undefined> {
  const file = path.join(directory, archiveFile);
  const evidence = await readStoredJson(file, schema);
  if (evidence && evidence.runId !== runId) throw edited(file, `it is of run ${evidence.runId}`);
  return evidence;
}
