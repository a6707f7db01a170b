import { z } from 'zod';
import type { Wait } from '../../contracts/scenario.ts';
import { duration, positiveDuration } from '../../std/units/units.ts';
import type { Raw } from './mapping.ts';
import { stepReference } from './step-reference.ts';
import { wait } from './wait-schema.ts';

/** The keys that every fault step accepts; the others are the fault's own. */
export const stepShape = {
  at: duration.optional().describe('Time of the injection, from the start of the load.'),
  after: stepReference("must be a fault's id, or an id and an offset: partition#1 + 3s")
    .optional()
    .describe('Time of the injection, from the injection of another fault: partition#1 + 3s.'),
  when: wait
    .optional()
    .describe('State to wait for from that time on, with a limit: lag > 2MB within 20s.'),
  fault: z.string().min(1).describe('The fault: the name of a file in faults/.'),
  target: z.string().min(1).optional().describe('The target, resolved at injection.'),
  for: positiveDuration
    .optional()
    .describe('Time until it is healed; default: to the end of the load.'),
  until: wait
    .optional()
    .describe('State until which it is held, with a limit, instead of `for`: failover within 40s.'),
  every: positiveDuration.optional().describe('Interval between repeated injections.'),
  times: z.int().min(2).max(100).optional().describe('Number of injections, with `every`.'),
  expect: z
    .enum(['done', 'refused', 'either'])
    .optional()
    .describe('Whether a request is carried out (default), must be refused, or may be either.'),
  id: z
    .string()
    .max(40)
    .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens')
    .optional()
    .describe('Its name in `after` and in reports; default: the fault and a number, partition#1.'),
};

export const stepSchema = z.object(stepShape).superRefine((step, context) => {
  if ((step.at === undefined) === (step.after === undefined)) {
    const message =
      step.at === undefined
        ? 'needs a time: at: 10s, or after: partition#1 + 3s'
        : 'has both at and after; write the offset into after: partition#1 + 3s';
    context.addIssue({ code: 'custom', path: step.at === undefined ? [] : ['after'], message });
  }
  for (const [key, message] of problemsOfTiming(step)) {
    context.addIssue({ code: 'custom', path: [key], message });
  }
});

type StepTiming = Readonly<
  Partial<Record<'when' | 'until', Wait | undefined>> &
    Partial<Record<'for' | 'every' | 'times', number | undefined>>
>;

function problemsOfTiming(step: StepTiming): readonly (readonly [key: string, message: string])[] {
  const { every, times, until, when, for: hold } = step;
  const isHeldTooLong = every !== undefined && Math.max(hold ?? 0, until?.limitMs ?? 0) >= every;
  const longer = 'must be shorter than every, or two of its repetitions are in force at once';
  return [
    ...(until && hold !== undefined
      ? [['until', 'replaces for: use one of the two'] as const]
      : []),
    ...(every !== undefined && times === undefined
      ? [['every', 'needs times: every: 5s, times: 3'] as const]
      : []),
    ...(times !== undefined && every === undefined
      ? [['times', 'needs every: every: 5s, times: 3'] as const]
      : []),
    ...(when && every !== undefined
      ? [['when', 'cannot be repeated: move the wait to a step of its own'] as const]
      : []),
    ...(isHeldTooLong ? [[until ? 'until' : 'for', longer] as const] : []),
  ];
}

/** The keys of a step that belong to its fault. */
export function ownKeys(entry: Raw): Raw {
  return Object.fromEntries(
    Object.entries(entry).filter(([key]) => !Object.hasOwn(stepShape, key)),
  );
}

/** Words a fault cannot use for its own keys. */
export const stepKeys = Object.keys(stepShape);
