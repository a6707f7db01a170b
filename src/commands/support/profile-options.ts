import type { Command } from 'commander';
import { ScenarioError } from '../../std/errors.ts';

/** When operations start, and when the load ends. */
export interface ProfileArguments {
  readonly rate?: string;
  readonly stages?: string;
  readonly think?: string;
  readonly warmup?: string;
  readonly operations?: string;
  readonly until?: string;
  readonly knee?: string;
  readonly atLeast?: string;
  readonly duration?: string;
}

export const usualDuration = '60s';

/** Those of `load` alone: `watch` goes on evenly until a person ends it. */
export function withProfileOptions(command: Command): Command {
  return command
    .option(
      '--stages <list>',
      "rates one after the other, in place of --duration: '100/s for 10s, to 2000/s for 1m' ramps",
    )
    .option('--think <duration>', 'without a rate: pause after each answer, such as 50ms..200ms')
    .option('--warmup <duration>', 'what is due before has no part in latencies and writes/s')
    .option('--operations <number>', 'end when so many have an outcome')
    .option('--until <what>', 'knee: raise the rate in steps until a limit is passed')
    .option(
      '--knee <list>',
      "steps and limits of it, such as 'step 100/s, every 10s, p99 100ms, errors 1%'",
    )
    .option('--at-least <rate>', 'fail where the knee is below this rate');
}

/** Keys of `load:` as a file would have them. What is wrong in them is for the parser to say. */
export function profileOptions(options: ProfileArguments): Readonly<Record<string, unknown>> {
  const { rate, stages, think, warmup, operations, until, knee } = options;
  const duration = durationOf(options);
  return {
    ...(rate !== undefined && { rate }),
    ...(stages !== undefined && { stages: stagesOf(stages) }),
    ...(think !== undefined && { think }),
    ...(warmup !== undefined && { warmup }),
    ...(operations !== undefined && { operations: Number(operations) }),
    ...(until !== undefined && { until }),
    ...(knee !== undefined && { knee: kneeOf(knee) }),
    ...(duration !== undefined && { duration }),
  };
}

/** `100/s for 10s, to 2000/s for 1m`. Errors: ScenarioError. */
function stagesOf(list: string): readonly unknown[] {
  return list.split(',').map((written) => {
    const [, to, rate = '', lasts = ''] = /^(to\s+)?(.*?)\s+for\s+(.*)$/.exec(written.trim()) ?? [];
    if (rate === '') {
      const stage = `'${written.trim().slice(0, 40)}' is no stage`;
      throw new ScenarioError(`--stages: ${stage}: write '100/s for 10s' or 'to 2000/s for 1m'`);
    }
    return to === undefined ? { rate, for: lasts } : { to: rate, for: lasts };
  });
}

/** `p99 50ms, errors 1%`. */
function kneeOf(list: string): Readonly<Record<string, string>> {
  const words = list.split(',').map((written) => written.trim().split(/\s+/));
  return Object.fromEntries(words.map(([key = '', ...rest]) => [key, rest.join(' ')]));
}

/** What `expect:` says of the knee. */
export function kneeDemand({ atLeast }: ProfileArguments): { readonly knee?: string } {
  return atLeast === undefined ? {} : { knee: `>= ${atLeast}` };
}

export function durationOf({ duration, stages, operations }: ProfileArguments): string | undefined {
  return duration ?? ((stages ?? operations) ? undefined : usualDuration);
}
