import type { MatrixCell, MatrixResult } from '../../contracts/matrix.ts';
import { grouped, seconds as inSeconds } from '../../std/units/shown.ts';
import { cellLabel } from '../axes.ts';

/** The columns of every cell after its settings, in this order. */
export const columns = [
  'verdict',
  'promised to lose at most',
  'lost',
  'of acknowledged',
  'within',
  'lostLocalOnly',
  'outage',
  'failovers',
] as const;

const statusWords: Readonly<Record<MatrixCell['status'], string>> = {
  held: 'held',
  broken: 'BROKEN',
  unknown: 'unknown',
  impossible: 'not possible here',
};

/** The values of `columns`; '-' for an unmeasured one. */
export function columnsOf(cell: MatrixCell): readonly string[] {
  const { promise, observed } = cell;
  return [
    verdictOf(cell),
    promise?.text ?? '-',
    shown(observed?.lost),
    shown(observed?.acknowledged),
    seconds(observed?.lostSpanMs),
    shown(observed?.lostLocalOnly),
    seconds(observed?.outageMs),
    shown(observed?.failovers),
  ];
}

/** 'held', 'held (loss allowed)', 'BROKEN', ... */
export function verdictOf(cell: MatrixCell): string {
  const word = statusWords[cell.status];
  return hasAllowedLoss(cell) ? `${word} (loss allowed)` : word;
}

export interface Reason {
  readonly labels: readonly string[];
  readonly reason: string;
  readonly status: MatrixCell['status'];
}

/** Reasons of the cells that are not held; cells with the same reason are grouped, in the order of the first. */
export function reasonsOf({ axes, cells }: MatrixResult): readonly Reason[] {
  const groups = Map.groupBy(
    cells.filter(({ reason }) => reason !== null),
    ({ reason, status }) => `${status} ${firstLine(reason)}`,
  );
  return [...groups.values()].flatMap((group) => {
    const labels = group.map(({ values }) => cellLabel(axes, values));
    const [first] = group;
    return first ? [{ labels, reason: firstLine(first.reason), status: first.status }] : [];
  });
}

/** A promise that allows a loss can be held, but the loss is shown. */
export function hasAllowedLoss({ status, observed }: MatrixCell): boolean {
  return status === 'held' && (observed?.lost ?? 0) > 0;
}

/** '12 held, 4 not possible here' */
export function countsOf({ cells }: MatrixResult): string {
  const statuses = ['held', 'broken', 'unknown', 'impossible'] as const;
  return statuses
    .map((status) => [cells.filter((cell) => cell.status === status).length, status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${statusWords[status]}`)
    .join(', ');
}

/** From the first run that has versions: all ran on the same host. */
export function versionsOf({ cells, backend }: MatrixResult): string {
  const versions = cells.find((cell) => cell.versions !== null)?.versions;
  if (!versions) return backend;
  return `${backend}: PostgreSQL ${versions.postgres}, Patroni ${versions.patroni}`;
}

export function seconds(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : inSeconds(ms);
}

function shown(count: number | null | undefined): string {
  return count === null || count === undefined ? '-' : grouped(count);
}

/** A cluster that did not boot appends the ends of its logs, which are also in matrix.json and the run's folder. */
function firstLine(reason: string | null): string {
  return reason?.split('\n', 1)[0] ?? '';
}
