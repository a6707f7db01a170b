import type {
  ClientReadSpec,
  GroupSpec,
  LoadSpec,
  RateStage,
  ThinkTime,
} from '../../contracts/scenario.ts';
import { kneePlan, type KneePlan } from '../words/knee-plan.ts';
import { formatDuration, formatRate, formatSize } from '../../std/units/units.ts';
import { onlyReads } from '../words/groups.ts';

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
export function describeGroup(group: GroupSpec): string {
  const { name, clients, ratePerSecond, think, mix, workload, site } = group;
  const pace = ratePerSecond === undefined ? '' : ` at ${formatRate(ratePerSecond)}`;
  const pauses = think ? ` thinking ${describeThink(think)}` : '';
  const shares = Object.entries(onlyReads(group) ? {} : (mix ?? {})).filter(([, part]) => part > 0);
  const does = [
    ...(workload === undefined ? [] : [workload]),
    ...shares.map(([kind, share]) => `${percent(share)} ${kind}`),
    ...(group.clientReads ? [readWords(group.clientReads)] : []),
    ...(group.batch === undefined ? [] : [`batch ${group.batch}`]),
    ...(group.payloadBytes === undefined ? [] : [`payload ${describePayload(group)}`]),
    ...(site === undefined ? [] : [`at ${site}`]),
  ];
  return `${name} ${clients}${pace}${pauses}${does.length > 0 ? ` (${does.join(', ')})` : ''}`;
}

const readPlaces = {
  connection: 'where it writes',
  any: 'any node',
  primary: 'the primary',
  replica: 'replicas',
} as const;

/** `30% of a client's operations are reads from replicas`. */
export function describeClientReads({ share, from }: ClientReadSpec): string {
  return `${percent(share)} of a client's operations are reads from ${readPlaces[from]}`;
}

function readWords({ share, from }: ClientReadSpec): string {
  return `${percent(share)} reads from ${readPlaces[from]}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

/** `200B..2kB`. */
export function describePayload({
  payloadBytes = 0,
  payloadMostBytes,
}: Pick<GroupSpec, 'payloadBytes' | 'payloadMostBytes'>): string {
  const most = payloadMostBytes === undefined ? '' : `..${formatSize(payloadMostBytes)}`;
  return `${formatSize(payloadBytes)}${most}`;
}
