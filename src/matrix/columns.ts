import type { MatrixCell, MatrixResult } from '../contracts/matrix.ts';
import { cellLabel } from './axes.ts';

/** What every cell shows beside its settings, in this order. */
export const columns = [
  'promised to lose at most',
  'lost',
  'of acknowledged',
  'within',
  'lostLocalOnly',
  'outage',
  'failovers',
  'promise',
] as const;

export const statusWords: Readonly<Record<MatrixCell['status'], string>> = {
  held: 'held',
  broken: 'BROKEN',
  unknown: 'unknown',
  impossible: 'not possible here',
};

/** The values of `columns`; '-' for what was not measured. */
export function columnsOf({ promise, observed, status }: MatrixCell): readonly string[] {
  return [
    promise?.text ?? '-',
    shown(observed?.lost),
    shown(observed?.acknowledged),
    seconds(observed?.lostSpanMs),
    shown(observed?.lostLocalOnly),
    seconds(observed?.outageMs),
    shown(observed?.failovers),
    statusWords[status],
  ];
}

export interface ReasonLine {
  readonly label: string;
  readonly reason: string;
  readonly status: MatrixCell['status'];
}

/** Why a cell is not held, one line each, in their order. */
export function reasonsOf({ axes, cells }: MatrixResult): readonly ReasonLine[] {
  return cells.flatMap(({ values, reason, status }) =>
    reason === null ? [] : [{ label: cellLabel(axes, values), reason, status }],
  );
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

/** Of the first run that got that far; they all ran on the same host. */
export function versionsOf({ cells, backend }: MatrixResult): string {
  const versions = cells.find((cell) => cell.versions !== null)?.versions;
  if (!versions) return backend;
  return `${backend}: PostgreSQL ${versions.postgres}, Patroni ${versions.patroni}`;
}

export function seconds(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : `${(ms / 1000).toFixed(1)} s`;
}

function shown(count: number | null | undefined): string {
  return count === null || count === undefined ? '-' : String(count);
}
