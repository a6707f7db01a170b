/**
 * Lowest and highest of any number of values; undefined for none. `Math.min(...values)` overflows the stack from
 * about 100,000 arguments on.
 */
export function extent(values: Iterable<number>): readonly [low: number, high: number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  let isEmpty = true;
  for (const value of values) {
    isEmpty = false;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return isEmpty ? undefined : [low, high];
}
