import type { Result } from '../../contracts/result.ts';
import { grouped } from './format.ts';

/** Less than this part of what was planned is worth a line. */
const leastShare = 0.9;

/** That clearly fewer operations were sent than planned, in one sentence; none otherwise, or where that is unknown. */
export function shortfall({ throughput }: Pick<Result, 'throughput'>): readonly string[] {
  const { planned } = throughput;
  if (planned?.sentPerSecond == null) return [];
  const share = planned.sentPerSecond / planned.perSecond;
  if (share >= leastShare) return [];
  const sent = grouped(Math.round(planned.sentPerSecond));
  const percent = Math.floor(share * 100);
  return [
    `The load fell short: ${sent} of ${grouped(Math.round(planned.perSecond))} planned operations/s were sent (${percent} %), for all clients were waiting for answers.`,
  ];
}
