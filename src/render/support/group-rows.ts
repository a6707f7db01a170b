import type { GroupResult, Result } from '../../contracts/result.ts';
import { counted } from './counted.ts';
import { grouped, seconds } from './format.ts';

export const groupHead = [
  ...['group', 'clients', 'asked for', 'sent', 'operations', 'writes/s'],
  ...['p50', 'p99', 'p99.9', 'longest', 'p99 from sending'],
];
/** For a note below. */
export const groupNote =
  'Latencies count from the intended start of each acknowledged operation. What each group lost stands among the routes.';

/** What each group of clients was asked for, and got. */
export function groupRows(result: Result): readonly (readonly string[])[] {
  return (result.groups ?? []).map((group) => {
    const { name, clients, planned, operations, ackedPerSecond, latencyMs, serviceMs } = group;
    const sent = planned?.sentPerSecond;
    return [
      ...[name, grouped(clients), planned ? `${rate(planned.perSecond)}/s` : 'no limit'],
      ...[sent == null ? '' : `${rate(sent)}/s`, counted(result, operations)],
      counted(result, ackedPerSecond),
      ...[milliseconds(latencyMs?.p50), milliseconds(latencyMs?.p99)],
      ...[milliseconds(latencyMs?.p999), milliseconds(latencyMs?.max)],
      milliseconds(serviceMs?.p99),
    ];
  });
}

/** One line per group, for a terminal. */
export function groupLines({ groups = [] }: Pick<Result, 'groups'>): readonly string[] {
  return groups.map(groupLine);
}

function groupLine({ name, ackedPerSecond, planned, latencyMs }: GroupResult): string {
  const asked = planned ? ` of ${rate(planned.perSecond)} operations/s asked for` : '';
  const acked = ackedPerSecond === null ? 'unknown' : grouped(ackedPerSecond);
  return `Group ${name}: ${acked} writes/s${asked}, p99 ${milliseconds(latencyMs?.p99) || 'unknown'}`;
}

function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return '';
  return ms < 1000 ? `${ms.toFixed(1)} ms` : seconds(ms);
}

function rate(perSecond: number): string {
  return grouped(Math.round(perSecond));
}
