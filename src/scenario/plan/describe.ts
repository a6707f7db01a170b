import path from 'node:path';
import type { Json } from '../../contracts/json.ts';
import type {
  ClusterSpec,
  FaultStep,
  LoadSpec,
  PhaseDemands,
  Plan,
  ReaderLoad,
  RetrySpec,
} from '../../contracts/scenario.ts';
import {
  formatComparison,
  formatConditions,
  formatDuration,
  formatPhase,
  formatRate,
  formatWait,
  isComparison,
} from '../../std/units/units.ts';
import { plainValues } from '../../std/plain.ts';
import {
  describeClientReads,
  describeGroup,
  describePace,
  describePayload,
} from './describe-pace.ts';
import { describeRoute } from '../parse/route-schema.ts';
import { schedule } from './schedule.ts';

/** The plan as `forkpoint check` prints it: cluster, load, a table of the faults, demands. */
export function describePlan(plan: Plan): string {
  const { scenario, seed, backend } = plainValues(plan);
  const { name, claim, cluster, load, faults, expect } = scenario;
  const { expectWhen = [], expectPhases = [] } = scenario;
  const head = [
    ['scenario', name],
    ['claim', claim],
    ['cluster', `${describeCluster(cluster)}, backend ${backend}`],
    ['load', describeLoad(load)],
    ['expect', describeExpect(expect)],
    ...expectWhen.map(({ conditions, demands, knownDefect }) => [
      '',
      knownDefect === undefined
        ? `where ${formatConditions(conditions)}: ${describeExpect(demands)}`
        : `known defect ${knownDefect} where ${formatConditions(conditions)}: ${describeExpect(demands)}`,
    ]),
    ...expectPhases.map((block) => ['', describePhase(block)]),
    ['seed', String(seed)],
  ];
  const rows = faults
    .map((step) => ({ step, planned: schedule(step, faults) }))
    .map(({ step, planned }) => ({
      step,
      atMs: 'fault' in planned ? step.atMs : planned.atMs,
    }))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ step, atMs }) => [
      timeOf(step, atMs),
      ...[shownId(step), step.target === noTarget ? '-' : step.target],
      holdOf(step),
      describeParams(step.params),
    ]);
  const table = rows.length === 0 ? ['no faults'] : align([columns, ...rows]);
  return [...align(head), '', ...table].join('\n');
}

const noTarget = 'none';
const columns = ['time', 'fault', 'target', 'for', 'params'];

/** Adds the fault's name to an id that does not contain it. */
function shownId({ id, fault }: FaultStep): string {
  return id.startsWith(fault) ? id : `${id} (${fault})`;
}

/** `13s (cut + 3s) or later: lag > 2MB within 20s` */
function timeOf(step: FaultStep, atMs: number): string {
  const after = step.after === undefined ? '' : ` (${afterOf(step)})`;
  const waits = step.when === undefined ? '' : ` or later: ${formatWait(step.when)}`;
  return formatDuration(atMs) + after + waits;
}

function holdOf({ holdMs, until }: FaultStep): string {
  if (until) return `until ${formatWait(until)}`;
  return holdMs === undefined ? 'end of load' : formatDuration(holdMs);
}

function afterOf({ after = '', atMs }: { readonly after?: string; readonly atMs: number }): string {
  return atMs === 0 ? after : `${after} + ${formatDuration(atMs)}`;
}

function describeCluster(cluster: ClusterSpec) {
  const { nodes, topology, synchronous, patroni, parameters } = cluster;
  const count = nodes === 1 ? '1 node' : `${nodes} nodes`;
  const own: readonly (readonly [string, Json])[] = Object.entries(cluster.own?.params ?? {});
  const { config, members = {} } = cluster;
  const ofMembers = Object.entries(members).map(([node, { tags, parameters: theirs }]) => {
    return [node, { ...tags, ...theirs }] as const;
  });
  const settings = [
    ...(config ? [['config', path.basename(config.file)] as const] : []),
    ...Object.entries(patroni),
    ...Object.entries(parameters),
    ...ofMembers,
  ];
  const exists = cluster.writtenFor !== undefined;
  return [
    exists ? `${count}, ${topology}, settings of its own` : `${count}, ${topology}`,
    ...(exists ? [] : [`synchronous ${synchronous}`]),
    ...settings.map(describePair),
    ...own
      .map(([key, value]) => `${key} ${outline(value)}`)
      .filter((pair) => !pair.endsWith(' ()')),
  ].join(', ');
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Of a value with parts, which may be long and name files of secrets, the names of the parts. */
function outline(value: Json): string {
  if (value === null || typeof value !== 'object') return show(value);
  const parts = isList(value) ? value.map((part) => show(part)) : Object.keys(value);
  return `(${parts.join(', ')})`;
}

function describeLoad(load: LoadSpec): string {
  const { workload, clients, durationMs, mix, batch } = load;
  const shares = Object.entries(mix).filter(([, share]) => share > 0);
  const kinds = shares.map(([kind, share]) => `${Number((share * 100).toFixed(2))}% ${kind}`);
  return [
    `${workload} for ${extentWords(load)}${formatDuration(durationMs)}`,
    ...[`${clients} clients`, ...describePace(load)],
    ...[kinds.join(' + '), `batch ${batch}`, `payload ${describePayload(load)}`],
    ...(load.isolation === undefined ? [] : [load.isolation]),
    ...(load.synchronousCommit === undefined
      ? []
      : [`synchronous_commit ${load.synchronousCommit}`]),
    ...(load.savepoints ? ['savepoints'] : []),
    ...[`deadline ${formatDuration(load.deadlineMs)}`, `site ${load.site}`],
    ...(load.groups ? [`groups ${load.groups.map(describeGroup).join(' + ')}`] : []),
    ...(load.routes ? [`routes ${load.routes.map(describeRoute).join(' + ')}`] : []),
    ...(load.retry ? [describeRetry(load.retry)] : []),
    ...(load.minFree === undefined ? [] : [`${load.minFree} connections left free`]),
    ...(load.pipeline === undefined ? [] : [`pipeline ${load.pipeline}`]),
    ...(load.workers === undefined || load.workers === 1 ? [] : [`${load.workers} workers`]),
    ...(load.readers ? [describeReaders(load.readers)] : []),
    ...(load.clientReads ? [describeClientReads(load.clientReads)] : []),
    describeParams(load.params),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function extentWords({ isOpenEnded, operations }: LoadSpec): string {
  if (isOpenEnded) return 'as long as it is watched, at most ';
  return operations === undefined ? '' : `${operations} operations, at most `;
}

function describeRetry({ attempts, fromMs, toMs, indeterminate }: RetrySpec): string {
  const pauses = `${formatDuration(fromMs)} to ${formatDuration(toMs)}`;
  const unsure = indeterminate === 'retry' ? ', indeterminate ones too' : '';
  return `up to ${attempts} attempts after pauses of ${pauses}${unsure}`;
}

function describeReaders({ count, ratePerSecond }: ReaderLoad): string {
  return `${count} ${count === 1 ? 'reader' : 'readers'} at ${formatRate(ratePerSecond)}`;
}

function describeExpect(expect: Readonly<Record<string, Json>>): string {
  const demands = Object.entries(expect).map(([check, demand]) => {
    return `${check} ${describeDemand(demand)}`;
  });
  return demands.length === 0 ? 'the defaults of the checks' : demands.join(', ');
}

function describePhase({ phase, conditions, demands }: PhaseDemands): string {
  const where = conditions ? ` where ${formatConditions(conditions)}` : '';
  return `${formatPhase(phase)}${where}: ${describeExpect(demands)}`;
}

/** As a file would say it, a mapping of demands included. */
function describeDemand(demand: Json): string {
  if (isComparison(demand)) return formatComparison(demand);
  if (typeof demand !== 'object' || demand === null || Array.isArray(demand)) return show(demand);
  const parts = Object.entries(demand).map(([key, one]) => `${key}: ${describeDemand(one)}`);
  return `{ ${parts.join(', ')} }`;
}

function describeParams(params: Json): string {
  if (typeof params !== 'object' || params === null) return '';
  return Object.entries(params).map(describePair).join(', ');
}

function describePair([key, value]: readonly [string, Json]): string {
  return `${key} ${show(value)}`;
}

function show(value: Json): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}

/** Pads cells to the widest of their column, except in the last column. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
