import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import { mostProblemCharacters, mostValueCharacters } from '../observations/format.ts';
import { mostPackedClass } from '../figures/latency-recorder.ts';
import { mostMs, mostNodes } from './bounds.ts';

const microseconds = z
  .int()
  .min(0)
  .max(mostMs * 1000);
const text = z.string().max(mostProblemCharacters);

export const headSchema = z.looseObject({
  schemaVersion: z.literal(1),
  runId: z.string().max(200),
});

/** What a line can say; a file from elsewhere may not say more than any run writes. */
export const lineSchema = z
  .looseObject({
    reader: z.int().min(0).max(mostNodes),
    read: text.min(1),
    node: text.nullable(),
    sentUs: microseconds,
    answeredUs: microseconds,
    value: z
      .custom<Json>(
        (value) => value === undefined || JSON.stringify(value).length <= mostValueCharacters,
        'is too long',
      )
      .exactOptional(),
    problem: text.exactOptional(),
    by: z.literal('client').exactOptional(),
  })
  .refine(({ value, problem }) => (value === undefined) !== (problem === undefined), {
    error: 'must have either a value or a problem',
  })
  .refine(({ sentUs, answeredUs }) => sentUs <= answeredUs, {
    error: 'was answered before it was sent',
  });

const number = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const beatSchema = z
  .looseObject({
    beat: number.min(1),
    outcome: z.enum(['acknowledged', 'localOnly', 'failed', 'indeterminate']),
    sentUs: microseconds,
    answeredUs: microseconds,
  })
  .refine(({ sentUs, answeredUs }) => sentUs <= answeredUs, {
    error: 'was answered before it was sent',
  });

export const sightSchema = z
  .looseObject({
    sight: text.min(1),
    upTo: number,
    reads: number.min(1),
    firstSentUs: microseconds,
    lastSentUs: microseconds,
    back: number,
    backOnConnection: number,
  })
  .refine(
    ({ reads, back, backOnConnection }) => reads >= back && back >= backOnConnection,
    'has more steps back than reads',
  )
  .refine(({ firstSentUs, lastSentUs }) => firstSentUs <= lastSentUs, {
    error: 'its last read is before its first',
  });

const state = z.looseObject({ node: text.min(1), beat: number, sentUs: microseconds });
export const stepBackSchema = z.looseObject({ session: text.min(1), from: state, to: state });

export const clientReadsSchema = z
  .looseObject({
    clientReads: text.nullable(),
    answered: number,
    failed: number,
    judged: number,
    wrong: number,
    own: number,
    ownNotSeen: number,
  })
  .refine(
    ({ answered, judged, wrong, own, ownNotSeen }) =>
      answered >= judged && judged >= wrong && own >= ownNotSeen,
    'counts more than it has',
  );
export const notSeenSchema = z.looseObject({
  notSeenBy: text.min(1),
  node: text.min(1),
  sentUs: microseconds,
  seq: z
    .int()
    .min(0)
    .max(2 ** 32 - 1),
});

const packed = z
  .looseObject({
    sumUs: z.number().min(0),
    maxUs: microseconds,
    classes: z.array(number).max(2 * mostPackedClass),
  })
  .refine(
    ({ classes }) =>
      classes.reduce((sum, value, at) => sum + (at % 2 === 0 ? value : 0), 0) <= mostPackedClass,
    'has a class that no latency is in',
  );
export const readTimesSchema = z.looseObject({
  readSecond: number,
  by: z.enum(['reader', 'client']),
  group: text.min(1).exactOptional(),
  answered: number,
  failed: number,
  latency: packed,
  service: packed,
});

/** The last line of a worker that stopped reading because its share was used up. */
export const fullSchema = z.strictObject({ full: z.literal(true) });
