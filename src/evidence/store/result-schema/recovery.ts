import { z } from 'zod';
import { text, orNull, textOrNull } from './types.ts';

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

const straggler = z.looseObject({
  node: text,
  state: text,
  cause: textOrNull,
  log: textOrNull,
  advice: text,
  slot: z.looseObject({ name: text, isActive: z.boolean(), walStatus: textOrNull }).nullable(),
});

export const recoverySection = {
  rejoins: z.array(rejoin).nullable().default(null),
  converged: z.looseObject({
    ok: z.boolean().nullable(),
    reason: textOrNull,
    nodes: z.array(straggler).exactOptional(),
  }),
};
