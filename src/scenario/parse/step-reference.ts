import { z } from 'zod';
import { duration } from '../../std/units/units.ts';

/** `cut.2`: the second repetition of `cut`. */
const ID = String.raw`[a-z][a-z0-9-]*(?:#\d+)?(?:\.\d+)?`;
const grammar = new RegExp(`^(${ID})(?: *\\+ *([0-9].*))?$`);

/** A fault's id, or an id and an offset: `partition#1 + 3s`. */
export function stepReference(problem: string) {
  return z
    .string()
    .regex(grammar, problem)
    .transform((text, context) => {
      const [, id = '', offset = '0s'] = grammar.exec(text) ?? [];
      const parsed = duration.safeParse(offset);
      if (parsed.success) return { id, offsetMs: parsed.data };
      for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
}
