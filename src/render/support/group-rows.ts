import type { GroupResult, Result } from '../../contracts/result.ts';
import { counted } from './counted.ts';
import { grouped, milliseconds } from './format.ts';

export const groupHead = [
  ...['group', 'clients', 'asked for', 'sent', 'operations', 'writes/s'],
  ...['p50', 'p99', 'p99.9', 'longest', 'p99 from sending'],
  ...['reads', 'read p50', 'read p99', 'longest read'],
];
/** For a note below. */
export const groupNote =
  'Latencies count from the intended start of each acknowledged operation. What each group lost stands among the routes.';

/** What each group of clients was asked for, and got. */
export function groupRows(result: Result): readonly (readonly string[])[] {
  return (result.groups ?? []).map((group) => {
    const { clients, planned, operations, ackedPerSecond, latencyMs, serviceMs, reads } = group;
    const sent = planned?.sentPerSecond;
    return [
      ...[nameOf(group), grouped(clients), planned ? `${rate(planned.perSecond)}/s` : 'no limit'],
      ...[sent == null ? '' : `${rate(sent)}/s`, counted(result, operations)],
      counted(result, ackedPerSecond),
      ...[milliseconds(latencyMs?.p50), milliseconds(latencyMs?.p99)],
      ...[milliseconds(latencyMs?.p999), milliseconds(latencyMs?.max)],
      milliseconds(serviceMs?.p99),
      ...[reads ? grouped(reads.answered) : '', milliseconds(reads?.latencyMs?.p50)],
      ...[milliseconds(reads?.latencyMs?.p99), milliseconds(reads?.latencyMs?.max)],
    ];
  });
}

/** One line per group, for a terminal. */
export function groupLines({ groups = [] }: Pick<Result, 'groups'>): readonly string[] {
  return groups.map(groupLine);
}

/** With what it does apart from the others: `far (ledger, at minority)`. */
function nameOf({ name, workload, site }: GroupResult): string {
  const apart = [workload, site && `at ${site}`].filter((each) => each !== undefined);
  return apart.length === 0 ? name : `${name} (${apart.join(', ')})`;
}

function groupLine(group: GroupResult): string {
  const { name, ackedPerSecond, planned, latencyMs, reads } = group;
  const asked = planned ? ` of ${rate(planned.perSecond)} operations/s asked for` : '';
  const acked = ackedPerSecond === null ? 'unknown' : grouped(ackedPerSecond);
  const readP99 = milliseconds(reads?.latencyMs?.p99) || 'unknown';
  if (reads && latencyMs === null)
    return `Group ${name}: ${grouped(reads.answered)} reads${asked}, p99 ${readP99}`;
  const read = reads ? `${grouped(reads.answered)} reads, p99 ${readP99}` : undefined;
  const writes = `${acked} writes/s${asked}, p99 ${milliseconds(latencyMs?.p99) || 'unknown'}`;
  return `Group ${name}: ${[writes, ...(read === undefined ? [] : [read])].join('; ')}`;
}

function rate(perSecond: number): string {
  return grouped(Math.round(perSecond));
}
