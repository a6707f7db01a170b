import { z } from 'zod';
import type { ReadBack } from '../../contracts/evidence.ts';
import type { ClusterSettings } from '../../contracts/durability.ts';
import { contradictionIn } from '../readback/contradiction.ts';
import { configurationSchema } from './result-schema/run.ts';

/* readback.json and settings.json: what judging relies on. Loose, for a later version adds fields. */

const text = z.string();
const count = z.int().nonnegative();
const number = z.number().nonnegative();
export const lsn = text.regex(
  /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i,
  'not a WAL position such as 0/3000060',
);

// By hand, and not by a schema: millions of rows are checked in the time that a schema takes for a few thousand.
// Any 32-bit number may stand in a row: a flipped sign bit makes it negative, and that is a finding.
const isInt = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= -(2 ** 31) && Number(value) < 2 ** 31;
const isPairOf =
  (isValid: (value: unknown) => boolean) =>
  (value: unknown): value is [number, number] =>
    Array.isArray(value) && value.length === 2 && isValid(value[0]) && isValid(value[1]);
const seqs = z.custom<number[]>((value) => Array.isArray(value) && value.every(isInt), {
  error: 'not a list of 32-bit whole numbers',
  abort: true,
});
const pairs = z.custom<[number, number][]>(
  (value) => Array.isArray(value) && value.every(isPairOf(isInt)),
  { error: 'not a list of pairs of 32-bit whole numbers', abort: true },
);
const noRanges = { error: 'not a list of ascending ranges', abort: true };
const ranges = z.custom<[number, number][]>(isRangesOf(isInt), noRanges);
/** Server-made ids are 64 bits wide. */
const idRanges = z.custom<[number, number][]>(isRangesOf(Number.isSafeInteger), noRanges);

function isRangesOf(isValid: (value: unknown) => boolean): (value: unknown) => boolean {
  const isPair = isPairOf(isValid);
  return (value) => {
    if (!Array.isArray(value)) return false;
    let last = -Infinity;
    return value.every((range: unknown) => {
      if (!isPair(range) || range[0] <= last || range[1] < range[0]) return false;
      last = range[1];
      return true;
    });
  };
}

const writer = z.looseObject({
  writer: count,
  present: ranges,
  versions: pairs,
  corrupted: seqs,
  duplicated: pairs,
});

const partitions = z.array(z.looseObject({ name: text, rows: count }));

const looseNode = z.looseObject({
  node: text.min(1),
  status: z.enum(['read', 'unverifiable']),
  reason: text.exactOptional(),
  role: z.enum(['primary', 'replica', 'down']),
  timeline: count.exactOptional(),
  lsn: lsn.exactOptional(),
  lagBytes: z.number().exactOptional(),
  rows: count,
  ms: number,
  writers: z.array(writer).refine(isDistinct('writer'), 'a writer stands there twice'),
  foreign: z.array(z.looseObject({ writer: z.int(), count, seqs })),
  partitions,
  tables: z
    .array(z.looseObject({ group: text.exactOptional(), rows: count, partitions }))
    .exactOptional(),
  ids: idRanges.exactOptional(),
  unkeyed: count.exactOptional(),
  structure: z.array(z.looseObject({ relation: text, message: text })),
  isUnlogged: z.literal(true).exactOptional(),
  invariants: z
    .array(
      z.looseObject({
        name: text,
        breaches: count.nullable(),
        examples: z.array(z.json()).max(100),
        problem: text.exactOptional(),
      }),
    )
    .exactOptional(),
});

export const nodeReading = looseNode.superRefine((reading, context) => {
  const against = contradictionIn(reading);
  if (against !== undefined) context.addIssue({ code: 'custom', message: against });
});

const ancestor = z.looseObject({ timeline: count, lsn, reason: text });

const forkCommits = z.looseObject({
  timeline: count,
  lsn,
  fromLsn: lsn,
  transactions: z.array(z.looseObject({ commit: lsn, lastRecord: lsn.nullable() })),
  open: z.array(lsn).optional(),
});
const slot = z.looseObject({ name: text, isActive: z.boolean(), walStatus: text.nullable() });

export const readBackSchema = z
  .looseObject({
    schemaVersion: z.literal(1),
    runId: text,
    primary: text.exactOptional(),
    converged: z.looseObject({
      ok: z.boolean(),
      reason: text.exactOptional(),
      ms: number,
      timeline: count.exactOptional(),
      nodes: z
        .array(z.looseObject({ node: text, what: text, isAhead: z.boolean().exactOptional() }))
        .exactOptional(),
      slots: z.array(slot).exactOptional(),
    }),
    nodes: z.array(nodeReading).refine(isDistinct('node'), 'a node stands there twice'),
    contentChecked: z.boolean(),
    ms: number,
    history: z.array(z.looseObject({ timeline: count, ancestors: z.array(ancestor) })),
    commits: z.array(forkCommits).exactOptional(),
  })
  .refine(
    ({ primary, nodes }) => primary === undefined || nodes.some((each) => each.node === primary),
    {
      path: ['primary'],
      message: 'no node is called that',
    },
  ) as z.ZodType as z.ZodType<ReadBack>;

function isDistinct<K extends string>(key: K) {
  return (all: readonly Readonly<Record<K, unknown>>[]) =>
    new Set(all.map((each) => each[key])).size === all.length;
}

const manager = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('none') }),
  z.looseObject({ kind: z.literal('unknown'), reason: text }),
  z.looseObject({
    kind: z.literal('patroni'),
    config: z.unknown(),
    version: text.exactOptional(),
    dcs: text.exactOptional(),
  }),
]);

const settingType = z.looseObject({ vartype: text, unit: text, source: text });
const archiver = z.looseObject({
  failed: count,
  archived: count,
  isFailing: z.boolean(),
  lastFailedWal: text,
});

const ownSettings = z.looseObject({
  config: configurationSchema.exactOptional(),
  differences: z.array(z.looseObject({ node: text, setting: text, asked: text, found: text })),
  problems: z.array(text),
});

export const settingsSchema = z.looseObject({
  schemaVersion: z.literal(1),
  members: z.array(
    z.looseObject({
      node: text,
      role: z.enum(['primary', 'replica', 'unknown']),
      parameters: z.record(text, text),
      problem: text.exactOptional(),
      hasWatchdogDevice: z.boolean().exactOptional(),
      types: z.record(text, settingType).exactOptional(),
      asked: z.record(text, text).exactOptional(),
      archiver: archiver.exactOptional(),
    }),
  ),
  isComplete: z.boolean(),
  manager,
  own: ownSettings.exactOptional(),
  asked: z.record(text, text),
}) as z.ZodType as z.ZodType<ClusterSettings>;
