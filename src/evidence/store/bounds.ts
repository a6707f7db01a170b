import { z } from 'zod';

/*
 * What a number in a run's file can be at most. It becomes the size of a list, a loop or a chart, so a file from
 * elsewhere may not say more than any run can. The limits of a scenario stand in src/scenario/parse.
 */

/** No run lasts a year. */
export const mostMs = 366 * 24 * 3_600_000;
/** A journal names a node by one byte, and one value means none. */
export const mostNodes = 254;

/** Milliseconds since a run's start, or how long something took. */
export const milliseconds = z.number().min(0).max(mostMs);

/** Names and what was seen of each. A run has a few nodes. */
export function byNode<T extends z.ZodType>(value: T) {
  return z
    .custom<Record<string, unknown>>(
      (all) => typeof all !== 'object' || all === null || Object.keys(all).length <= mostNodes,
      `names more than ${mostNodes} nodes`,
    )
    .pipe(z.record(z.string(), value));
}
