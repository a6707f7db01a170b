import type { Result } from '../../contracts/result.ts';
import { kneeSentences } from './knee-rows.ts';
import { grouped, seconds } from './format.ts';

/** Less than this part of what was planned is worth a line. */
const leastShare = 0.9;

/** What the load did not do of what was asked, and what of it is not measured, a sentence each. */
export function loadSentences(result: Pick<Result, 'throughput'>): readonly string[] {
  return [
    ...kneeSentences(result),
    ...shortfall(result),
    ...endedBefore(result),
    ...warmup(result),
  ];
}

function warmup({ throughput }: Pick<Result, 'throughput'>): readonly string[] {
  if (!throughput.warmup) return [];
  const { ms, operations } = throughput.warmup;
  return [
    `Latencies and writes/s are without the ${grouped(operations)} operations of the warm-up, the first ${seconds(ms)}.`,
  ];
}

/** It ended at its time limit, or by command. */
function endedBefore({ throughput }: Pick<Result, 'throughput'>): readonly string[] {
  const { asked = 0, done = null } = throughput.operations ?? {};
  if (done === null || done >= asked) return [];
  return [`The load ended after ${grouped(done)} of the ${grouped(asked)} operations asked for.`];
}

/** That clearly fewer operations were sent than planned. */
function shortfall({ throughput }: Pick<Result, 'throughput'>): readonly string[] {
  const { planned, knee } = throughput;
  // What its last step could not send is what it was looking for.
  if (knee !== undefined || planned?.sentPerSecond == null) return [];
  const share = planned.sentPerSecond / planned.perSecond;
  if (share >= leastShare) return [];
  const sent = grouped(Math.round(planned.sentPerSecond));
  const percent = Math.floor(share * 100);
  return [
    `The load fell short: ${sent} of ${grouped(Math.round(planned.perSecond))} planned operations/s were sent (${percent} %), for all clients were waiting for answers.`,
  ];
}
