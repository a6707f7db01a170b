import { z } from 'zod';
import { count, text, orNull, amount, amountOrNull, textOrNull, each } from './types.ts';

const phases = [
  ...(['bootMs', 'seedMs', 'loadMs', 'healMs'] as const),
  ...(['convergeMs', 'readBackMs', 'judgeMs', 'teardownMs'] as const),
] as const;

const durability = z.looseObject({
  promise: z.looseObject({
    mayLose: z.boolean().nullable(),
    bytes: orNull,
    seconds: orNull,
    text,
  }),
  rows: z.array(
    z.looseObject({
      setting: text,
      value: text,
      promise: text,
      differs: z.array(z.looseObject({ node: text, value: text })),
      level: z.enum(['ok', 'risk', 'defect', 'unknown']),
    }),
  ),
  notInForce: z.array(text),
  problems: z.array(text),
});

/** The user's own Patroni configuration, and what a lab runs otherwise. */
export const configurationSchema = z.looseObject({
  file: text,
  digest: text,
  replaced: z.array(
    z.looseObject({
      key: text,
      line: z.int().positive().nullable(),
      given: text,
      instead: textOrNull,
      why: text,
    }),
  ),
});

export const runSection = {
  schemaVersion: z.literal(1),
  scenario: text,
  claim: text,
  runId: text,
  seed: count,
  startedAt: text,
  durationMs: amount,
  versions: each(['forkpoint', 'node', 'postgres', 'patroni', 'dcs'], text),
  backend: text,
  clients: z.looseObject({ site: text, where: text }).nullable(),
  phases: each(phases, amountOrNull),
  settings: z.record(text, text),
  durability: durability.nullable().default(null),
  notes: z.array(text).default([]),
  configuration: configurationSchema.nullable().default(null),
  plan: textOrNull.default(null),
  reproduce: text,
  overrides: z.array(text).default([]),
  folder: z
    .string()
    .regex(/^[\w-]+(\/[\w-]+)*$/)
    .nullable()
    .default(null),
  replayOf: z.looseObject({ runId: text, startedAt: text }).nullable().default(null),
};
