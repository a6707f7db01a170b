import { z } from 'zod';
import type { LoadSpec, RateStage } from '../../contracts/scenario.ts';
import {
  duration,
  formatDuration,
  percentage,
  positiveDuration,
  rate,
} from '../../std/units/units.ts';
import { percentUnits, quantitySchema, rateUnits, readQuantity } from '../../std/units/quantity.ts';
import { RateProfile, rateProfile } from '../words/rate-profile.ts';

/** When the load's operations start, and when it ends. */

const mostStages = 100;
const mostOperations = 1_000_000_000;
/** Of a load that ends after a number of operations: an hour more than they need where nothing fails. */
const spareMs = 3_600_000;
/** Node's timers and the file's durations end here. */
const mostMs = 7 * 24 * 3_600_000;

// A ramp may end at nothing.
const rampRate = quantitySchema(rateUnits);
const stageSchema = z
  .strictObject({
    rate: rate.optional().describe('The rate of the whole stage.'),
    to: rampRate
      .optional()
      .describe('The rate at its end: it goes there evenly, from the rate before.'),
    for: positiveDuration.describe('How long it lasts.'),
  })
  .refine((stage) => (stage.rate === undefined) !== (stage.to === undefined), {
    error: 'needs either rate, which it has from its beginning, or to, which it has at its end',
  });

export const thinkSchema = z
  .string()
  .transform((written, context) => {
    const texts = written.split('..');
    const times = texts.map((text) => duration.safeParse(text.trim()));
    const [leastMs = 0, most = leastMs] = times.map(({ data = 0 }) => data);
    const message =
      times.find(({ success }) => !success)?.error?.issues[0]?.message ??
      (texts.length > 2 ? 'must be one duration, or two with .. between them' : undefined) ??
      (leastMs > most ? 'must have the shorter duration first' : undefined) ??
      (most === 0 ? 'must be longer than 0s' : undefined);
    if (message === undefined) return { leastMs, mostMs: most };
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .describe('Without a rate: how long a client pauses after an answer, such as 1s or 50ms..200ms.');

const growth = z
  .string()
  .transform((written, context) => {
    const found = readQuantity(written, written.includes('%') ? percentUnits : rateUnits);
    if (typeof found === 'number' && found > 0) {
      return written.includes('%') ? { percent: found } : { perSecond: found };
    }
    const message = typeof found === 'number' ? 'must be above 0' : found.problem;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .describe('By how much the rate rises from step to step, 100/s or 25%; default: by `rate`.');

const kneeSchema = z
  .strictObject({
    step: growth.optional(),
    every: positiveDuration.prefault('10s').describe('How long each step lasts.'),
    p99: positiveDuration
      .prefault('100ms')
      .describe('Longest 99th percentile of latencies from the intended start.'),
    errors: percentage.prefault('1%').describe('Most failed and indeterminate operations.'),
  })
  .describe('Of until: knee: its steps and its limits.');

/** Keys of `load:`. */
export const profileShape = {
  rate: rate
    .optional()
    .describe('Operations per second of all clients together; default: no limit.'),
  stages: z
    .array(stageSchema)
    .min(1)
    .max(mostStages)
    .optional()
    .describe('Rates one after the other, in place of duration: { rate, for } or { to, for }.'),
  think: thinkSchema.optional(),
  warmup: positiveDuration
    .optional()
    .describe('Operations due before have a fate, and no part in latencies and throughput.'),
  until: z
    .literal('knee', { error: 'must be knee, or left out' })
    .optional()
    .describe('knee: the rate rises in steps until p99 or errors pass a limit.'),
  knee: kneeSchema.optional(),
  operations: z
    .int()
    .min(1)
    .max(mostOperations)
    .optional()
    .describe('The load ends when so many operations have an outcome; duration is the most.'),
  duration: positiveDuration.optional().describe('How long the load runs.'),
};

/** What makes the load end. */
export const ends = ['duration', 'stages', 'operations'] as const;

type Written = {
  readonly [Key in keyof typeof profileShape]: z.output<(typeof profileShape)[Key]>;
};
type Complain = (path: readonly (string | number)[], message: string) => void;
type Profile = Pick<
  LoadSpec,
  'ratePerSecond' | 'stages' | 'think' | 'warmupMs' | 'operations' | 'knee' | 'durationMs'
>;

/** Only what the file says: a plan holds no key that is without effect. */
export function profileOf(written: Written, complain: Complain): Profile {
  if (written.until !== undefined) return kneeOf(written, complain);
  if (written.knee) complain(['knee'], 'is without effect: give until: knee, too');
  const { think, warmup, operations } = written;
  const pace = paceOf(written, complain);
  if (think && (written.rate !== undefined || written.stages)) {
    complain(
      ['think'],
      'is without effect: with rate or stages the schedule says what starts when',
    );
  }
  const durationMs = durationOf(written, pace, complain);
  if (warmup !== undefined && warmup >= durationMs) {
    const lasts = formatDuration(durationMs);
    complain(['warmup'], `must be shorter than the load, ${lasts}: nothing would be measured`);
  }
  return {
    ...pace,
    ...(think && { think }),
    ...(warmup !== undefined && { warmupMs: warmup }),
    ...(operations !== undefined && { operations }),
    durationMs,
  };
}

/** Steps of equal length up to the end of the duration: the plan says them all, and the database when it is enough. */
function kneeOf(written: Written, complain: Complain): Profile {
  const { rate: first, warmup, duration: given = 0 } = written;
  const { step, every, p99, errors } = written.knee ?? kneeSchema.parse({});
  for (const key of ['stages', 'think', 'operations'] as const) {
    if (written[key] !== undefined) complain([key], 'cannot be combined with until: knee');
  }
  if (first === undefined) complain(['until'], 'needs rate, which its first step has');
  const steps = Math.floor((given - (warmup ?? 0)) / every);
  if (given > 0 && steps < 1) {
    const least = formatDuration((warmup ?? 0) + every);
    complain(['duration'], `has no room for a step: it must be ${least} or longer`);
  }
  if (steps > mostStages) {
    complain(['duration'], `has room for ${steps} steps, and at most ${mostStages} are made`);
  }
  const rates = ratesOf(first ?? 1, step, Math.min(steps, mostStages));
  const level = (perSecond: number, lastsMs: number): RateStage => {
    return { fromPerSecond: perSecond, toPerSecond: perSecond, lastsMs };
  };
  const stages = [
    ...(warmup === undefined ? [] : [level(first ?? 1, warmup)]),
    ...rates.map((perSecond) => level(perSecond, every)),
  ];
  const durationMs = stages.reduce((sum, { lastsMs }) => sum + lastsMs, 0);
  return {
    ratePerSecond: new RateProfile(stages).offeredBy(durationMs * 1000) / (durationMs / 1000),
    stages,
    ...(warmup !== undefined && { warmupMs: warmup }),
    knee: { p99Ms: p99, errorPercent: errors },
    durationMs,
  };
}

function ratesOf(
  first: number,
  step: z.output<typeof growth> | undefined,
  steps: number,
): readonly number[] {
  const rates: number[] = [];
  for (let next = first; rates.length < steps && next <= rateUnits.max;) {
    rates.push(next);
    next =
      step && 'percent' in step
        ? Math.ceil(next * (1 + step.percent / 100))
        : next + (step?.perSecond ?? first);
  }
  return rates;
}

function paceOf(
  { rate: perSecond, stages }: Written,
  complain: Complain,
): Pick<LoadSpec, 'ratePerSecond' | 'stages'> {
  if (!stages) return perSecond === undefined ? {} : { ratePerSecond: perSecond };
  if (perSecond !== undefined && stages[0]?.to === undefined) {
    complain(['rate'], 'is without effect: the first of the stages has a rate of its own');
  }
  const placed = placedStages(stages, perSecond ?? 0);
  const lastsMs = placed.reduce((sum, stage) => sum + stage.lastsMs, 0);
  placed.forEach(({ fromPerSecond, toPerSecond }, index) => {
    if (fromPerSecond > 0 || toPerSecond > 0) return;
    const what =
      'would be a pause, which cannot be told from an outage: no rate before it, and none to go to';
    complain(['stages', index, 'to'], what);
  });
  const offered = new RateProfile(placed).offeredBy(lastsMs * 1000);
  return { ratePerSecond: offered / (lastsMs / 1000), stages: placed };
}

function placedStages(
  stages: NonNullable<Written['stages']>,
  firstPerSecond: number,
): readonly RateStage[] {
  let before = firstPerSecond;
  return stages.map(({ rate: constant, to, for: lastsMs }) => {
    const fromPerSecond = constant ?? before;
    before = constant ?? to ?? before;
    return { fromPerSecond, toPerSecond: before, lastsMs };
  });
}

function durationOf(
  { duration: given, operations }: Written,
  pace: Pick<LoadSpec, 'ratePerSecond' | 'stages'>,
  complain: Complain,
): number {
  const { stages } = pace;
  if (stages) {
    if (given !== undefined) complain(['duration'], 'cannot be combined with stages: they have it');
    const lastsMs = stages.reduce((sum, stage) => sum + stage.lastsMs, 0);
    const offered = Math.ceil(new RateProfile(stages).offeredBy(lastsMs * 1000));
    if (operations !== undefined && operations > offered) {
      complain(['operations'], `are more than the stages have: ${offered}`);
    }
    if (lastsMs > mostMs) complain(['stages'], 'must not last longer than 7 days together');
    return lastsMs;
  }
  const neededMs = Math.ceil((rateProfile(pace)?.dueUs(operations ?? 0) ?? 0) / 1000);
  const longestMs = given ?? mostMs;
  if (neededMs > longestMs) {
    const most = formatDuration(longestMs);
    complain(
      ['operations'],
      `need ${formatDuration(neededMs)} at this rate, and at most ${most} are given`,
    );
  }
  return given ?? Math.min(mostMs, neededMs + spareMs);
}
