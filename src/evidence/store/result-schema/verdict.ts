import { z } from 'zod';
import { text } from './types.ts';

const status = z.enum(['pass', 'fail', 'unknown']);

export const verdictSection = {
  status: z.enum([...status.options, 'knownDefect']),
  knownDefect: text.nullable().default(null),
  problems: z.array(text),
  isInterrupted: z.boolean().default(false),
  checks: z.array(
    z.looseObject({
      check: text,
      status,
      summary: text,
      demand: z.unknown().default(null),
      measured: z.unknown(),
    }),
  ),
};
