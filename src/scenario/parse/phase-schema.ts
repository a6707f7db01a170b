import { z } from 'zod';
import type { Phase } from '../../contracts/scenario.ts';
import { positiveDuration } from '../../std/units/units.ts';
import { stepReference } from './step-reference.ts';

const step = (what: string) =>
  stepReference("must be a fault's id, such as partition#1")
    .refine(({ offsetMs }) => offsetMs === 0, 'takes no offset; only after does')
    .optional()
    .describe(what);

/** The keys of a block of `expect.phases` that say which phase; the other keys are conditions and checks. */
export const phaseShape = {
  before: step('The load up to the injection of this fault.'),
  during: step('From the injection of this fault to its heal, else to the end of the load.'),
  after: stepReference("must be a fault's id, or an id and an offset: partition#1 + 3s")
    .optional()
    .describe('From the heal of this fault, or an offset later (partition#1 + 3s), on.'),
  within: positiveDuration
    .optional()
    .describe('With before and after: only so much of it, next to the fault.'),
};

const edges = ['before', 'during', 'after'] as const;
export const phaseKeys = Object.keys(phaseShape);

export const phaseSchema = z.object(phaseShape).transform((block, context): Phase => {
  const [edge, ...more] = edges.filter((each) => block[each] !== undefined);
  const complain = (path: readonly string[], message: string): never => {
    context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  };
  const found = edge && block[edge];
  if (!edge || !found) {
    return complain([], 'names no phase: use one of before, during, after with the id of a fault');
  }
  const [other] = more;
  if (other) return complain([other], `is a second phase beside ${edge}: use one block for each`);
  const { within } = block;
  if (edge === 'during' && within !== undefined) {
    return complain(['within'], 'goes with before and after; during lasts as long as the fault');
  }
  const { id, offsetMs } = found;
  return { edge, step: id, offsetMs, ...(within !== undefined && { withinMs: within }) };
});
