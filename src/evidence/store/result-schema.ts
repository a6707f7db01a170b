import { z } from 'zod';
import type { Result } from '../../contracts/result.ts';

/*
 * result.json as a schema: the JSON Schema that ships with the project, and the check of a stored result. Loose: a later
 * version adds fields. What was added after the first version has a default, so that older results can be rendered.
 */

const count = z.int().nonnegative();
/** A writer or seq as it stands in a table: a flipped sign bit makes it negative. */
const key = z.int();
const number = z.number();
const text = z.string();
const orNull = z.number().nullable();
/** Of what nobody can have less than none of. */
const amount = z.number().nonnegative();
const amountOrNull = amount.nullable();
const textOrNull = z.string().nullable();
const span = z.tuple([number, number]);
const status = z.enum(['pass', 'fail', 'unknown']);

const counted = ['attempted', 'acknowledged', 'localOnly', 'failed', 'indeterminate'] as const;
const judged = [
  ...(['durable', 'lost', 'lostLocalOnly', 'recovered', 'dropped', 'unexpected'] as const),
  ...(['rejected', 'duplicated', 'corrupted', 'reissued', 'lostUpdates'] as const),
] as const;
const phases = [
  ...(['bootMs', 'seedMs', 'loadMs', 'healMs'] as const),
  ...(['convergeMs', 'readBackMs', 'judgeMs', 'teardownMs'] as const),
] as const;

function each<K extends string, T extends z.ZodType>(keys: readonly K[], type: T) {
  return z.looseObject(Object.fromEntries(keys.map((key) => [key, type])) as Record<K, T>);
}

const lostRange = z.looseObject({
  writer: count,
  from: count,
  to: count,
  kind: z.enum(['insert', 'update', 'delete']),
  versions: span.exactOptional(),
  ackedAtMs: span,
  node: textOrNull,
  timeline: orNull,
  lsn: z.tuple([text, text]).nullable(),
  cause: z
    .enum(['forked', 'boundary', 'localOnly', 'equalTimelineFork', 'unflushed', 'unexplained'])
    .nullable(),
});

const anomaly = z.looseObject({
  kind: z.enum(['unexpected', 'duplicated', 'corrupted', 'reissued', 'missing', 'extra', 'stale']),
  node: text,
  writer: key,
  from: key,
  to: key,
  why: textOrNull,
});

const replica = z.looseObject({
  node: text,
  status: z.enum(['agrees', 'differs', 'unverifiable']),
  reason: textOrNull,
  missing: count,
  extra: count,
  corrupted: count,
  lagBytes: orNull,
  stale: count.exactOptional(),
});

const rejoin = z.looseObject({
  node: text,
  how: z.enum(['rewound', 'rewindFailed', 'cloned']),
  at: text,
  from: textOrNull,
  ms: orNull,
  forkTimeline: orNull,
  forkLsn: textOrNull,
  rewoundTo: textOrNull,
  said: textOrNull,
});

const timeline = z.looseObject({
  bucketMs: number.positive(),
  acknowledged: z.array(count),
  failed: z.array(count),
  indeterminate: z.array(count),
  latencyMs: each(['p50', 'p99', 'max'], z.array(orNull)),
  roles: z.array(
    z.looseObject({
      node: text,
      role: z.enum(['leader', 'primary', 'replica', 'down']),
      timeline: orNull,
      fromMs: number,
      toMs: number,
    }),
  ),
  lagBytes: z.record(text, z.array(span)),
  unreachable: z
    .array(z.looseObject({ node: text, fromMs: number, toMs: number }))
    .nullable()
    .exactOptional(),
});

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

const straggler = z.looseObject({
  node: text,
  state: text,
  cause: textOrNull,
  log: textOrNull,
  advice: text,
  slot: z.looseObject({ name: text, isActive: z.boolean(), walStatus: textOrNull }).nullable(),
});

export const resultSchema = z
  .looseObject({
    schemaVersion: z.literal(1),
    scenario: text,
    claim: text,
    runId: text,
    seed: count,
    startedAt: text,
    durationMs: amount,
    status,
    problems: z.array(text),
    backend: text,
    reproduce: text,
    versions: each(['forkpoint', 'node', 'postgres', 'patroni', 'dcs'], text),
    clients: z.looseObject({ site: text, where: text }).nullable(),
    writes: each(counted, count.nullable())
      .extend(each(judged, count.nullable()).shape)
      .extend({ lostDeletes: count.nullable().exactOptional() })
      .refine(({ lost, acknowledged }) => (lost ?? 0) <= (acknowledged ?? 0), {
        path: ['lost'],
        message: 'more than were acknowledged',
      }),
    records: z.looseObject({
      inserted: count.nullable(),
      found: count.nullable(),
      lost: count.nullable(),
    }),
    lossPercent: amountOrNull,
    lostRanges: z.array(lostRange),
    anomalies: z.array(anomaly),
    lossPattern: z.union([
      z.looseObject({ kind: z.enum(['none', 'tail', 'scattered']) }),
      z.looseObject({ kind: z.literal('periodic'), modulus: count, remainder: count }),
    ]),
    replicas: z.array(replica),
    outage: z.looseObject({
      longestMs: amountOrNull,
      perFault: z.array(
        z.looseObject({
          fault: text,
          fromMs: orNull,
          untilMs: orNull,
          detectMs: orNull,
          electMs: orNull,
          firstAckMs: orNull,
        }),
      ),
      held: z.array(z.looseObject({ fromMs: number, untilMs: number })).exactOptional(),
    }),
    rpo: each(['records', 'bytes', 'seconds'], amountOrNull),
    rto: z.looseObject({
      ms: orNull,
      fault: textOrNull.exactOptional(),
      isSameServer: z.literal(true).exactOptional(),
    }),
    forks: z.array(
      z.looseObject({
        parentTimeline: count,
        timeline: count,
        lsn: text,
        oldPrimary: textOrNull,
        newPrimary: textOrNull,
        divergentBytes: orNull,
        takenOverAtMs: orNull.exactOptional(),
      }),
    ),
    rejoins: z.array(rejoin).nullable().default(null),
    staleHolders: z
      .array(z.looseObject({ node: text, before: text, timeline: count, atMs: number }))
      .nullable()
      .default(null),
    failovers: count.nullable(),
    leaderChanges: z
      .array(
        z.looseObject({
          node: text,
          before: text,
          timeline: count,
          atMs: number,
          how: z.enum(['failover', 'asked', 'repromotion', 'lockTaken']),
        }),
      )
      .nullable()
      .exactOptional(),
    unplanned: z
      .array(
        z.looseObject({
          node: text,
          what: z.enum(['ended', 'restarted', 'crashed']),
          fromMs: number,
          untilMs: number,
        }),
      )
      .nullable()
      .exactOptional(),
    faults: z.array(
      z.looseObject({
        id: text,
        fault: text,
        targets: z.array(text),
        plannedAtMs: number,
        injectedAtMs: orNull,
        inForceAtMs: orNull,
        healedAtMs: orNull,
        isNotCarriedOut: z.literal(true).exactOptional(),
        isHarmless: z.literal(true).exactOptional(),
      }),
    ),
    converged: z.looseObject({
      ok: z.boolean().nullable(),
      reason: textOrNull,
      nodes: z.array(straggler).exactOptional(),
    }),
    phases: each(phases, amountOrNull),
    stages: z.looseObject({
      attempted: count.nullable(),
      acknowledged: count.nullable(),
      onPrimary: orNull,
      onReplicas: z.record(text, orNull),
    }),
    partitions: z.array(z.looseObject({ name: text, expected: count, found: count, lost: count })),
    throughput: z.looseObject({
      ackedPerSecond: amountOrNull,
      latencyMs: z.record(text, each(['p50', 'p95', 'p99', 'max', 'count'], number)),
    }),
    verification: each(['rows', 'nodes', 'ms', 'idsPerSecond'], number).nullable(),
    settings: z.record(text, text),
    durability: durability.nullable().default(null),
    plan: textOrNull.default(null),
    timeline: timeline.nullable().default(null),
    byServerId: each(['inList', 'countBetween'], number).nullable(),
    structure: z.array(z.looseObject({ node: text, relation: text, message: text })),
    errors: z.array(z.looseObject({ sqlState: text, outcome: text, count })),
    journal: z.looseObject({
      operations: count,
      cuts: z.array(text),
      missingWriters: count.exactOptional(),
    }),
    folder: z
      .string()
      .regex(/^[\w-]+(\/[\w-]+)*$/)
      .nullable()
      .default(null),
    replayOf: z.looseObject({ runId: text, startedAt: text }).nullable().default(null),
    checks: z.array(z.looseObject({ check: text, status, summary: text, measured: z.unknown() })),
  })
  .describe('The result of one run. null: not measured.') satisfies z.ZodType<Result>;

const addedLater = [
  ...(['rejoins', 'staleHolders', 'durability', 'timeline', 'plan', 'folder'] as const),
  'replayOf',
] as const;

/** null, not measured, for what the version that wrote it did not have. */
function withAddedFields(result: Result): Result {
  const absent = addedLater.filter((key) => !(key in result));
  return { ...result, ...Object.fromEntries(absent.map((key) => [key, null])) };
}

/** For editors, and for programs that read results. */
export function renderResultSchema(): string {
  const schema = z.toJSONSchema(resultSchema, { io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Forkpoint result' }, null, 2)}\n`;
}

/** The first thing that is not as it should be: `writes.lost: ...`. Undefined when all is. */
export function checkResult(
  value: unknown,
): { readonly result: Result } | { readonly problem: string } {
  const parsed = resultSchema.safeParse(value);
  // The value itself, so that what is written again is the same to the byte; parsed, its keys have another order.
  if (parsed.success) return { result: withAddedFields(value as Result) };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}` };
}
