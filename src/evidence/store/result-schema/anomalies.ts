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

export const anomaliesSection = {
  anomalies: z.array(anomaly),
  replicas: z.array(replica),
  structure: z.array(z.looseObject({ node: text, relation: text, message: text })),
};
