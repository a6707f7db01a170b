import { z } from 'zod';
import type { Plan } from '../../contracts/scenario.ts';
import { isComparisonLike, isComparison } from '../../std/units/units.ts';
import { milliseconds } from './bounds.ts';
import { configurationSchema } from './result-schema/run.ts';

/*
 * plan.json as a schema: only what the code relies on, and loose, because a later version adds fields. The parsed keys of a
 * fault, a check or a workload cannot be checked again: their schemas read the file's notation, not the parsed one.
 */

const text = z.string();
const count = z.int().nonnegative();
const json = z.custom((value) => value !== undefined, 'is missing');
const share = z.number().min(0).max(1);
/** What describes a demand reads these by their fields. */
const demand = json.refine(
  (value) => !isComparisonLike(value) || isComparison(value),
  'is no demand',
);

const wait = z.looseObject({ state: z.looseObject({ is: text }), limitMs: milliseconds });

const step = z.looseObject({
  id: text.min(1),
  fault: text.min(1),
  target: text,
  atMs: milliseconds,
  params: json,
  after: text.exactOptional(),
  holdMs: milliseconds.exactOptional(),
  when: wait.exactOptional(),
  until: wait.exactOptional(),
});

const route = z.looseObject({
  name: text.min(1).max(60),
  via: z.enum(['direct', 'multi-host', 'haproxy', 'pgbouncer', 'address']),
  clients: z.int().min(1).max(2000),
  pool: z.looseObject({
    on25006: z.enum(['reconnect', 'retry', 'none']),
    maxLifetimeMs: milliseconds.exactOptional(),
  }),
});

const perSecond = z.number().nonnegative();
const stage = z.looseObject({
  fromPerSecond: perSecond,
  toPerSecond: perSecond,
  lastsMs: milliseconds,
});

const think = z.looseObject({ leastMs: milliseconds, mostMs: milliseconds });
const mix = z.looseObject({ insert: share, update: share, delete: share });
const payload = z
  .int()
  .min(1)
  .max(1024 ** 2);
const files = z.record(text, z.looseObject({ name: text, text, sha256: text }));
const readsOf = (part: z.ZodNumber) =>
  z.looseObject({ share: part, from: z.enum(['connection', 'primary', 'replica', 'any']) });
const group = z.looseObject({
  name: text.min(1).max(60),
  clients: z.int().min(1).max(2000),
  ratePerSecond: perSecond.exactOptional(),
  think: think.exactOptional(),
  mix: mix.exactOptional(),
  clientReads: readsOf(z.number().positive().max(1)).exactOptional(),
  batch: z.int().min(1).max(10_000).exactOptional(),
  payloadBytes: payload.exactOptional(),
  workload: text.exactOptional(),
  params: json.exactOptional(),
  files: files.exactOptional(),
  site: text.exactOptional(),
});

const scenario = z.looseObject({
  // The name is a folder's: nothing in it may lead elsewhere.
  name: text.max(60).regex(/^[a-z0-9][a-z0-9-]*$/),
  claim: text,
  cluster: z.looseObject({
    nodes: z.int().min(1).max(9),
    topology: z.enum(['patroni', 'single']),
    patroni: z.record(text, json),
    parameters: z.record(text, text),
    convergeMs: milliseconds,
    synchronous: z.enum(['off', 'on', 'strict', 'quorum']),
    archive: z.enum(['folder', 'pgbackrest']).exactOptional(),
    own: z.looseObject({ backend: text, params: json }).exactOptional(),
    config: z
      .looseObject({
        file: text,
        read: configurationSchema
          .omit({ file: true })
          .extend({
            content: json,
            parameters: z.record(text, text),
            scenario: z.looseObject({ patroni: z.record(text, json) }),
          })
          .exactOptional(),
      })
      .exactOptional(),
    members: z
      .record(text, z.looseObject({ tags: z.record(text, json), parameters: z.record(text, text) }))
      .exactOptional(),
  }),
  load: z.looseObject({
    workload: text,
    clients: z.int().min(1).max(2000),
    durationMs: milliseconds,
    isOpenEnded: z.literal(true).exactOptional(),
    minFree: count.exactOptional(),
    retry: z
      .looseObject({
        attempts: z.int().min(2).max(100),
        fromMs: milliseconds,
        toMs: milliseconds,
        indeterminate: z.enum(['stop', 'retry']),
      })
      .exactOptional(),
    batch: z.int().min(1).max(10_000),
    payloadBytes: payload,
    ratePerSecond: perSecond.exactOptional(),
    stages: z.array(stage).min(1).exactOptional(),
    think: think.exactOptional(),
    warmupMs: milliseconds.exactOptional(),
    operations: z.int().min(1).exactOptional(),
    knee: z.looseObject({ p99Ms: milliseconds, errorPercent: perSecond }).exactOptional(),
    deadlineMs: milliseconds,
    mix,
    site: text,
    workers: z.int().min(1).max(64).exactOptional(),
    pipeline: z.int().min(2).max(64).exactOptional(),
    readers: z
      .looseObject({ count: z.int().min(1).max(100), ratePerSecond: z.number().positive() })
      .exactOptional(),
    clientReads: readsOf(z.number().positive().lt(1)).exactOptional(),
    routes: z.array(route).min(1).exactOptional(),
    groups: z.array(group).min(1).exactOptional(),
    params: json,
    files: files.exactOptional(),
  }),
  faults: z.array(step).max(10_000),
  expect: z.record(text, demand),
  expectWhen: z
    .array(
      z.looseObject({
        conditions: z.looseObject({}),
        demands: z.record(text, demand),
        knownDefect: text.exactOptional(),
      }),
    )
    .exactOptional(),
  expectPhases: z
    .array(
      z.looseObject({
        phase: z.looseObject({
          edge: z.enum(['before', 'during', 'after']),
          step: text,
          offsetMs: milliseconds,
          withinMs: milliseconds.exactOptional(),
        }),
        conditions: z.looseObject({}).exactOptional(),
        demands: z.record(text, demand),
      }),
    )
    .exactOptional(),
  verify: z.looseObject({ content: z.boolean(), amcheck: z.boolean() }),
  evidence: z.literal('off').exactOptional(),
  downstream: z
    .array(
      z.looseObject({
        // A file's: nothing in it may lead elsewhere.
        name: text.regex(/^[a-z][a-z0-9_]{0,39}$/),
        consumer: z.enum(['cdc', 'subscription', 'own']),
        slot: text.min(1).exactOptional(),
        failover: z.literal(true).exactOptional(),
        command: z.array(text).exactOptional(),
        sink: z.looseObject({ dsn: text, query: text }).exactOptional(),
        writesTo: z.literal('file').exactOptional(),
      }),
    )
    .exactOptional(),
  hold: z.literal('rejoin').exactOptional(),
});

export const planSchema = z.looseObject({
  schemaVersion: z.literal(1),
  scenario,
  seed: count.max(2 ** 32 - 1),
  backend: text,
  image: text.exactOptional(),
}) as z.ZodType as z.ZodType<Plan>;
