import { z } from 'zod';
import type { Check } from '../contracts/evidence.ts';
import type { Window } from '../contracts/result.ts';
import { comparison } from '../std/units/units.ts';
import { eachOf } from './support/each-of.ts';

const params = z
  .strictObject({
    mean: comparison('latency').optional(),
    p50: comparison('latency').optional(),
    p95: comparison('latency').optional(),
    p99: comparison('latency').optional(),
    p999: comparison('latency').optional(),
    max: comparison('latency').optional(),
  })
  .refine((demands) => Object.keys(demands).length > 0, 'demands nothing: write { p99: < 50ms }');
type Demands = z.infer<typeof params>;

/** From the intended start of an operation: what waits for a stalled database is slow, too. */
const check: Check<Demands> = {
  summary: 'Latency of acknowledged operations, from the intended start to the answer.',
  params,
  example: { p99: '< 50ms' },
  check: ({ result: { windows } }, demands) =>
    judge(
      windows?.find(({ phase }) => phase === null),
      demands,
    ),
  checkWindow: judge,
};
export default check;

function judge(window: Window | undefined, demands: Demands) {
  const { latencyMs = null, reason = null } = window ?? {};
  const measure = (key: string) => latencyMs?.[key as keyof Demands] ?? null;
  return eachOf('latency', demands, { measure, reason });
}
