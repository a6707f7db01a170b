import { z } from 'zod';
import type { Check } from '../contracts/evidence.ts';
import { consumerSum } from './support/consumer-sum.ts';

/** Every write on the final primary's history, as it was sent, in every sink, and each row as it ended. How often is what `duplicates` says. */
const check: Check<'all'> = {
  summary: 'Whether every write on the final primary is in the sink of every consumer, unharmed.',
  params: z.literal('all'),
  example: 'all',
  isOfDownstream: true,
  check({ result }) {
    const missing = consumerSum(result, (consumer) => consumer.missing);
    const corrupted = consumerSum(result, (consumer) => consumer.corrupted);
    const delivered = consumerSum(result, (consumer) => consumer.delivered);
    if (missing === null || corrupted === null || !delivered) {
      const why = result.downstream?.find(({ reason }) => reason !== null)?.reason;
      const summary = `delivered: ${why ?? 'nothing was delivered, or nothing is known of it'} (demanded: all)`;
      const isMissing = missing !== null && missing > 0;
      return { status: isMissing ? 'fail' : 'unknown', summary, measured: null };
    }
    const differing = consumerSum(result, (consumer) => consumer.differing ?? 0) ?? 0;
    const rows = differing > 0 ? `, ${differing} rows that end otherwise` : '';
    return {
      status: missing + corrupted + differing === 0 ? 'pass' : 'fail',
      summary: `delivered: ${delivered} writes, ${missing} missing, ${corrupted} corrupted${rows} (demanded: all)`,
      measured: { delivered, missing, corrupted, ...(differing > 0 && { differing }) },
    };
  },
};
export default check;
