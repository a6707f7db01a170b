import { z } from 'zod';
import type { RunRecord } from '../contracts/history.ts';
import type { Thresholds } from '../contracts/scenario.ts';

const text = z.string();
const count = z.number().nonnegative().nullable();
const number = z.number().nonnegative();
const threshold = z.union([z.object({ percent: number }), z.object({ amount: number })]);

export const storedThresholds = z.object({
  lost: threshold.exactOptional(),
  outage: threshold.exactOptional(),
  throughput: threshold.exactOptional(),
  verification: threshold.exactOptional(),
}) satisfies z.ZodType<Thresholds>;

/** A line as stored. Fields of later versions are dropped. */
export const recordSchema = z.object({
  schemaVersion: z.literal(1),
  recordedAt: z.iso.datetime(),
  runId: text.nullable(),
  scenario: text,
  backend: text,
  overrides: z.array(text),
  seed: z.number(),
  suite: text.nullable(),
  startedAt: z.iso.datetime(),
  durationMs: count,
  status: z.enum([
    'pass',
    'fail',
    'unknown',
    'invalid',
    'impossible',
    'bug',
    'knownDefect',
    'interrupted',
  ]),
  reason: text.nullable(),
  acknowledged: count,
  lost: count,
  unexpected: count,
  failovers: count,
  outageMs: count,
  ackedPerSecond: count,
  idsPerSecond: count,
  versions: z
    .object({ forkpoint: text, node: text, postgres: text, patroni: text, dcs: text })
    .nullable(),
  commit: text.nullable(),
  directory: text.nullable(),
  thresholds: storedThresholds.nullable(),
  matrix: z
    .object({ directory: text, cell: z.enum(['held', 'broken', 'unknown', 'impossible']) })
    .exactOptional(),
}) satisfies z.ZodType<RunRecord>;
