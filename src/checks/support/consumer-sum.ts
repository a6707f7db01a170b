import type { DownstreamResult, Result } from '../../contracts/result.ts';

/** Of all consumers together; null where one could not be judged. */
export function consumerSum(
  { downstream }: Pick<Result, 'downstream'>,
  of: (consumer: DownstreamResult) => number | null,
): number | null {
  if (!downstream) return null;
  return downstream.reduce<number | null>((sum, consumer) => {
    const found = of(consumer);
    return sum === null || found === null ? null : sum + found;
  }, 0);
}
