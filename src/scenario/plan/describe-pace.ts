import type { LoadSpec, RateStage, ThinkTime } from '../../contracts/scenario.ts';
import { formatDuration, formatRate } from '../../std/units/units.ts';

/** How fast a load goes, as `forkpoint check` prints it: `stages 100/s for 10s, to 500/s for 30s`. */
export function describePace(load: LoadSpec): readonly string[] {
  const { ratePerSecond, stages, think, warmupMs } = load;
  const pace = ratePerSecond === undefined ? 'no rate limit' : formatRate(ratePerSecond);
  return [
    stages ? `stages ${stages.map(describeStage).join(', ')}` : pace,
    ...(think ? [`thinking ${describeThink(think)}`] : []),
    ...(warmupMs === undefined ? [] : [`warm-up ${formatDuration(warmupMs)}`]),
  ];
}

function describeStage({ fromPerSecond, toPerSecond, lastsMs }: RateStage, index: number): string {
  const lasts = formatDuration(lastsMs);
  if (fromPerSecond === toPerSecond) return `${formatRate(toPerSecond)} for ${lasts}`;
  const from = index === 0 ? `from ${formatRate(fromPerSecond)} ` : '';
  return `${from}to ${formatRate(toPerSecond)} for ${lasts}`;
}

function describeThink({ leastMs, mostMs }: ThinkTime): string {
  const least = formatDuration(leastMs);
  return leastMs === mostMs ? least : `${least}..${formatDuration(mostMs)}`;
}
