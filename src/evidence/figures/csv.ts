import type { Figures, LatencyFigures } from '../../contracts/figures.ts';
import { KINDS, OUTCOMES } from '../journal/format.ts';
import { journalPaths } from '../journal/journal.ts';
import { readJournal } from '../journal/reader.ts';
import { FiguresFold, type FoldedLoad } from './figures-fold.ts';
import { storedReadTimes } from './read-times.ts';
import { storedClients, type StoredClients } from './timeseries.ts';

const percentiles: readonly (keyof LatencyFigures)[] = ['mean', 'p50', 'p95', 'p99', 'p999', 'max'];
const clientCounts = ['connected', 'inFlight', 'unstarted', 'backingOff'] as const;

type Line = Figures & { readonly group: string };
type Column = readonly [name: string, of: (line: Line) => number | string];

const columns: readonly Column[] = [
  ['second', ({ atMs }) => atMs / 1000],
  ...KINDS.flatMap((kind) =>
    OUTCOMES.map((outcome): Column => [
      `${kind}.${outcome}`,
      ({ operations }) => operations[kind][outcome],
    ]),
  ),
  ['rows', ({ rows }) => rows],
  ['retried', ({ retried }) => retried ?? 0],
  ...percentiles.map((name): Column => [
    `latencyMs.${name}`,
    ({ latencyMs }) => latencyMs?.[name] ?? '',
  ]),
  ...percentiles.map((name): Column => [
    `serviceMs.${name}`,
    ({ serviceMs }) => serviceMs?.[name] ?? '',
  ]),
  ...clientCounts.map((name): Column => [name, ({ clients }) => clients?.[name] ?? '']),
  ['bytes.sent', ({ bytes }) => bytes?.sent ?? ''],
  ['bytes.received', ({ bytes }) => bytes?.received ?? ''],
];

const readColumns: readonly Column[] = [
  ['reads.answered', ({ reads }) => reads?.answered ?? ''],
  ['reads.failed', ({ reads }) => reads?.failed ?? ''],
  ...(['latencyMs', 'serviceMs'] as const).flatMap((from) =>
    percentiles.map((name): Column => [
      `reads.${from}.${name}`,
      ({ reads }) => reads?.[from]?.[name] ?? '',
    ]),
  ),
];

/**
 * The load of a stored run as CSV, a line a second, counted again from its journals. An unknown figure is empty; errors have a
 * column per SQLSTATE, `error.none` where no server said one.
 * `load`: its groups, each of which has a line a second of its own then; and whether it reads, for the columns of reads.
 * Errors: those of readJournal.
 */
export function loadAsCsv(directory: string, load: FoldedLoad = {}): string {
  const { groups = [], reads = false } = load;
  const fold = new FiguresFold(undefined, load);
  for (const path of journalPaths(directory)) readJournal(path, {}, fold);
  for (const line of reads ? storedReadTimes(directory) : []) fold.readTimes(line);
  const clients = storedClients(directory);
  const seconds = [...fold.rest()].map((figures): Figures => {
    return withClients(figures, clients.get(figures.atMs));
  });
  const ofGroup: readonly Column[] = groups.length > 0 ? [['group', ({ group }) => group]] : [];
  const [second, ...others] = columns;
  const ofReads = reads ? readColumns : [];
  const all = [
    ...(second ? [second] : []),
    ...ofGroup,
    ...others,
    ...ofReads,
    ...errorColumns(seconds),
  ];
  const lines = seconds
    .flatMap(linesOf)
    .map((figures) => all.map(([, of]) => String(of(figures))).join(','));
  return [all.map(([name]) => name).join(','), ...lines, ''].join('\n');
}

/** With what only timeseries.jsonl knows of the clients. */
function withClients(figures: Figures, then: StoredClients | undefined): Figures {
  if (!then) return figures;
  const { groups, ...own } = then;
  const all = Object.entries(figures.groups ?? {}).map(([name, group]) => {
    return [name, { ...group, ...groups?.[name] }] as const;
  });
  return { ...figures, ...own, ...(figures.groups && { groups: Object.fromEntries(all) }) };
}

/** A line of all clients, and one of each group. */
function linesOf({ groups = {}, ...figures }: Figures): readonly Line[] {
  const { atMs, lengthMs } = figures;
  const ofGroups = Object.entries(groups).map(([group, own]) => ({
    atMs,
    lengthMs,
    ...own,
    group,
  }));
  return [{ ...figures, group: 'all' }, ...ofGroups];
}

function errorColumns(seconds: readonly Figures[]): readonly Column[] {
  const states = [...new Set(seconds.flatMap(({ errors }) => Object.keys(errors)))].sort();
  return states.map((state) => [
    `error.${state === '' ? 'none' : state}`,
    ({ errors }) => errors[state] ?? 0,
  ]);
}
