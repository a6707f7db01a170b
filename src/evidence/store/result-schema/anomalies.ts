import { z } from 'zod';
import { count, key, text, orNull, textOrNull } from './types.ts';

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

const invariant = z.looseObject({
  node: text,
  name: text,
  says: text,
  status: z.enum(['holds', 'broken', 'unknown']),
  breaches: orNull,
  examples: z.array(z.json()),
  reason: textOrNull,
});

export const anomaliesSection = {
  invariants: z.array(invariant).exactOptional(),
  anomalies: z.array(anomaly),
  replicas: z.array(replica),
  structure: z.array(z.looseObject({ node: text, relation: text, message: text })),
};
