import { z } from 'zod';
import type { Check } from '../contracts/evidence.ts';
import { comparison } from '../std/units/units.ts';
import { eachOf } from './support/each-of.ts';

const params = z
  .strictObject({
    records: comparison('count').optional().describe('Lost acknowledged writes.'),
    bytes: comparison('size').optional().describe('WAL that they span.'),
    seconds: comparison('duration').optional().describe('Time in which they were acknowledged.'),
  })
  .refine((demands) => Object.keys(demands).length > 0, 'demands nothing: write { records: 0 }');
type Demands = z.infer<typeof params>;

/** Bytes and seconds of a loss are the least that it can be (docs/result.md): an upper limit on them is never known to hold. */
const check: Check<Demands> = {
  summary: 'What was lost: acknowledged writes, the WAL that they span, the time they took.',
  params,
  example: { records: '0', seconds: '< 5s' },
  check({ result: { rpo } }, demands) {
    const found: Readonly<Record<string, number | null>> = {
      records: rpo.records,
      bytes: rpo.bytes,
      seconds: rpo.seconds === null ? null : rpo.seconds * 1000,
    };
    const isLeast = (key: string) => key !== 'records' && rpo.records !== 0;
    return eachOf('rpo', demands, { measure: (key) => found[key] ?? null, isLeast });
  },
};
export default check;
