import { z } from 'zod';
import type { RetrySpec } from '../../contracts/scenario.ts';
import { positiveDuration } from '../../std/units/units.ts';

/** `retry: { attempts: 5, from: 100ms, to: 10s }` */
export const retrySchema = z
  .strictObject({
    attempts: z.int().min(2).max(100).describe('Attempts of an operation, the first included.'),
    from: positiveDuration.prefault('100ms').describe('The first pause; each is twice the last.'),
    to: positiveDuration.prefault('10s').describe('The longest pause.'),
    indeterminate: z
      .enum(['stop', 'retry'])
      .default('stop')
      .describe('What follows an attempt whose outcome is unknown.'),
  })
  .transform(({ attempts, from, to, indeterminate }, context): RetrySpec => {
    if (to < from) {
      context.addIssue({ code: 'custom', path: ['to'], message: 'must not be shorter than from' });
    }
    return { attempts, fromMs: from, toMs: to, indeterminate };
  });
