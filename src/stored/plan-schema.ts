import { z } from 'zod';
import type { Plan } from '../contracts/scenario.ts';

/*
 * plan.json as a schema: only what the code relies on, and loose, for a later version adds fields. What a fault, a check
 * or a workload made of its own keys, nobody can check again: a schema reads the words of a file, not what it made of them.
 */

const text = z.string();
const count = z.int().nonnegative();
const number = z.number().nonnegative();
const json = z.custom((value) => value !== undefined, 'is missing');

const wait = z.looseObject({ state: z.looseObject({ is: text }), limitMs: number });

const step = z.looseObject({
  ...{ id: text.min(1), fault: text.min(1), target: text, atMs: number, params: json },
  ...{ after: text.exactOptional(), holdMs: number.exactOptional() },
  ...{ when: wait.exactOptional(), until: wait.exactOptional() },
});

const scenario = z.looseObject({
  // The name is a folder's: nothing in it may lead elsewhere.
  ...{ name: text.max(60).regex(/^[a-z0-9][a-z0-9-]*$/), claim: text },
  cluster: z.looseObject({
    ...{ nodes: z.int().min(1).max(9), topology: z.enum(['patroni', 'single']) },
    ...{ patroni: z.record(text, json), parameters: z.record(text, text), convergeMs: number },
    synchronous: z.enum(['off', 'on', 'strict', 'quorum']),
  }),
  load: z.looseObject({
    ...{ workload: text, clients: z.int().min(1), durationMs: number, batch: z.int().min(1) },
    ...{ ratePerSecond: number.exactOptional(), payloadBytes: z.int().min(1), deadlineMs: number },
    mix: z.looseObject({ insert: number, update: number, delete: number }),
    ...{ site: text, workers: z.int().min(1), params: json },
  }),
  faults: z.array(step),
  expect: z.record(text, json),
  expectWhen: z
    .array(z.looseObject({ conditions: z.looseObject({}), demands: z.record(text, json) }))
    .exactOptional(),
  verify: z.looseObject({ content: z.boolean(), amcheck: z.boolean() }),
});

export const planSchema = z.looseObject({
  schemaVersion: z.literal(1),
  ...{ scenario, seed: count.max(2 ** 32 - 1), backend: text, image: text.exactOptional() },
}) as z.ZodType as z.ZodType<Plan>;
