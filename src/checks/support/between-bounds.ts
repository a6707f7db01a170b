import { compare, type Comparison } from '../../std/units/units.ts';

/**
 * The verdict on a number of which only bounds are known. Every demand is met by the numbers of one interval: if both bounds meet
 * it, so does all between them.
 */
export function betweenBounds(
  demanded: Comparison,
  least: number,
  most: number,
): 'pass' | 'fail' | 'unknown' {
  if (demanded.op === '!=') return compare(least, demanded) && least === most ? 'pass' : 'unknown';
  const [isLeastMet, isMostMet] = [compare(least, demanded), compare(most, demanded)];
  if (isLeastMet && isMostMet) return 'pass';
  const upper = demanded.op === '..' ? demanded.upTo : demanded.value;
  const isBelow = most < demanded.value || (most === demanded.value && !isMostMet);
  const isAbove = least > upper || (least === upper && !isLeastMet);
  if (demanded.op === '<' || demanded.op === '<=') return isAbove ? 'fail' : 'unknown';
  if (demanded.op === '>' || demanded.op === '>=') return isBelow ? 'fail' : 'unknown';
  return isAbove || isBelow ? 'fail' : 'unknown';
}
