import { z } from 'zod';
import { count, text, textOrNull } from './types.ts';

const countOrNull = count.nullable();

export const walSection = {
  wal: z
    .array(
      z.looseObject({
        node: text,
        folder: text,
        timeline: count,
        forkLsn: textOrNull,
        endLsn: textOrNull,
        commits: countOrNull,
        aborts: countOrNull,
        acknowledged: countOrNull,
        written: countOrNull,
        lost: countOrNull,
        overwritten: countOrNull.exactOptional(),
        missing: z.array(z.looseObject({ writer: count, seq: count, lsn: text })),
        problem: textOrNull,
      }),
    )
    .nullable()
    .exactOptional(),
};
