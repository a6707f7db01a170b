import type { GroupSpec, LoadSpec, RateStage, ThinkTime } from '../../contracts/scenario.ts';
import { kneePlan, type KneePlan } from '../words/knee-plan.ts';
import { formatDuration, formatRate } from '../../std/units/units.ts';

/** How fast a load goes, as `forkpoint check` prints it: `stages 100/s for 10s, to 500/s for 30s`. */
export function describePace(load: LoadSpec): readonly string[] {
  const { ratePerSecond, stages, think } = load;
  const pace = ratePerSecond === undefined ? 'no rate limit' : formatRate(ratePerSecond);
  const search = kneePlan(load);
  if (load.groups) return warmupWords(load);
  if (search) return [describeKnee(search), ...warmupWords(load)];
  return [
    stages ? `stages ${stages.map(describeStage).join(', ')}` : pace,
    ...(think ? [`thinking ${describeThink(think)}`] : []),
    ...warmupWords(load),
  ];
}

function warmupWords({ warmupMs }: LoadSpec): readonly string[] {
  return warmupMs === undefined ? [] : [`warm-up ${formatDuration(warmupMs)}`];
}

/** `until the knee: 12 steps of 10s from 100/s to 1200/s, p99 100ms, errors 1%`. */
function describeKnee({ steps, limits }: KneePlan): string {
  const [first, last] = [steps[0], steps.at(-1)];
  const lasts = formatDuration((first?.untilMs ?? 0) - (first?.fromMs ?? 0));
  const range = `from ${formatRate(first?.perSecond ?? 0)} to ${formatRate(last?.perSecond ?? 0)}`;
  const most = `p99 ${formatDuration(limits.p99Ms)}, errors ${limits.errorPercent}%`;
  return `until the knee: ${steps.length} steps of ${lasts} ${range}, ${most}`;
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

/** `writers 80 at 500/s`. */
export function describeGroup({ name, clients, ratePerSecond, think, mix }: GroupSpec): string {
  const pace = ratePerSecond === undefined ? '' : ` at ${formatRate(ratePerSecond)}`;
  const pauses = think ? ` thinking ${describeThink(think)}` : '';
  const shares = Object.entries(mix ?? {}).filter(([, share]) => share > 0);
  const kinds = shares.map(([kind, share]) => `${Number((share * 100).toFixed(2))}% ${kind}`);
  return `${name} ${clients}${pace}${pauses}${mix ? ` (${kinds.join(', ')})` : ''}`;
}
