import type { LostRange, Result } from '../../contracts/result.ts';
import { counted } from '../../render/support/counted.ts';
import { grouped, seconds } from '../../render/support/format.ts';
import { lossSummaryOf } from '../../std/units/loss-summary.ts';
import { lostCommand, spanned, whereLostAre } from '../../render/support/loss-sentence.ts';
import { html, type Markup } from '../../render/support/markup.ts';
import { momentLink } from './look-closer.ts';
import { stageHead, stageRows, stageSentences } from '../../render/support/stage-rows.ts';
import { more, table, type Cell } from '../../render/support/table.ts';

const rangesShown = 200;
const anomaliesShown = 200;

/** Fate -> meaning. */
export const fateWords = {
  durable: 'acknowledged, and on the final primary',
  lost: 'acknowledged, and not on the final primary',
  lostUpdates: 'acknowledged updates that are undone',
  lostDeletes: 'acknowledged deletes that are undone: the row is back',
  lostLocalOnly: 'acknowledged with a warning that no standby has it, and not on the final primary',
  recovered: 'outcome unknown, row present',
  dropped: 'outcome unknown, row absent',
  rejected: 'refused, row absent',
  unexpected: 'refused or never sent, row present all the same',
  duplicated: 'present more than once',
  corrupted: 'present with other content',
  reissued: 'its id was also given to another write',
} as const satisfies Partial<Record<keyof Result['writes'], string>>;

/** The fates of the writes. */
export function fates(result: Result): Markup | undefined {
  const { writes } = result;
  const shown = (count: number | null) => counted(result, count);
  const counts: Readonly<Record<string, number | null>> = { ...writes };
  // Some workloads have no server-made ids; any other missing count could not be read.
  const measured = (fate: string, count: number | null) =>
    fate === 'reissued' && count === null ? 'not measured' : shown(count);
  const rows = Object.entries(fateWords).map(([fate, meaning]) => [
    fate,
    measured(fate, counts[fate] ?? null),
    meaning,
  ]);
  const { attempted, acknowledged, localOnly, failed, indeterminate } = writes;
  const outcomes = `Outcomes: ${shown(attempted)} attempted; ${shown(acknowledged)} acknowledged, ${shown(localOnly)} localOnly, ${shown(failed)} failed, ${shown(indeterminate)} indeterminate.`;
  return table('Fates of the writes', ['Fate', 'Writes', 'Meaning'], rows, outcomes);
}

/** How far the writes came, and the first stage that lacks any. */
export function stages(result: Result): Markup | undefined {
  const head = stageHead.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`);
  const note = stageSentences(result).join(' ');
  return table('How far the writes came', head, stageRows(result), note);
}

/** Which acknowledged writes are lost. `hasLog`: their moments lead to what the nodes logged. */
export function lost(result: Result, hasLog: boolean): Markup | undefined {
  const { lostRanges, lossPattern, rpo } = result;
  const command = lostCommand(result);
  const rest = whereLostAre(result, rangesShown);
  const hasMore = lossSummaryOf(result).file !== null;
  const pattern =
    lossPattern.kind === 'periodic'
      ? `every ${lossPattern.modulus}th write, remainder ${lossPattern.remainder}`
      : lossPattern.kind;
  const found = table(
    'Lost writes',
    ['Writer', 'What', 'Acknowledged', 'By', 'WAL', 'Cause'],
    lostRanges.slice(0, rangesShown).map((range) => lostRow(range, hasLog)),
    [
      `Pattern: ${pattern}.`,
      spanned(rpo),
      rest && `Shown: ${rest}.`,
      hasMore && `The chart draws the first ${grouped(lostRanges.length)}.`,
      command && `Each operation: ${command}`,
    ]
      .filter((sentence) => typeof sentence === 'string')
      .join(' '),
  );
  return found && html`<div data-lost>${found}</div>`;
}

function lostRow(range: LostRange, hasLog: boolean): Cell[] {
  const { writer, kind, from, to, ackedAtMs, node, timeline, lsn, cause } = range;
  const acknowledged = ackedAtMs.map((ms) => seconds(ms)).join(' to ');
  return [
    String(writer),
    `${kind} ${from === to ? String(from) : `${from} to ${to}`}`,
    hasLog ? momentLink(ackedAtMs[0], acknowledged) : acknowledged,
    `${node ?? 'unknown'}, timeline ${timeline ?? 'unknown'}`,
    lsn ? `${lsn[0]} to ${lsn[1]}` : '',
    cause ?? 'unknown',
  ];
}

/** Rows that are present but wrong. */
export function anomalies({ anomalies: all }: Result): Markup | undefined {
  return table(
    'Other anomalies',
    ['What', 'Node', 'Writer', 'Rows', 'Why'],
    all
      .slice(0, anomaliesShown)
      .map(({ kind, node, writer, from, to, why }) => [
        ...[kind, node, String(writer), from === to ? String(from) : `${from} to ${to}`, why ?? ''],
      ]),
    more(all.length - anomaliesShown, 'rows'),
  );
}

/** How long clients waited for an acknowledgement. */
export function latency(result: Result): Markup | undefined {
  const ms = (value: number) => (value < 1000 ? `${value.toFixed(1)} ms` : seconds(value));
  const msOrNone = (value: number | undefined) => (value === undefined ? '-' : ms(value));
  return table(
    'Latency of acknowledged operations',
    ['Kind', 'Operations', 'Mean', 'p50', 'p95', 'p99', 'p99.9', 'Longest'],
    Object.entries(result.throughput.latencyMs).map(([kind, found]) => [
      ...[kind, counted(result, found.count), msOrNone(found.mean), ms(found.p50), ms(found.p95)],
      ...[ms(found.p99), msOrNone(found.p999), ms(found.max)],
    ]),
    'From the intended start of each operation, so the time an operation was queued during an outage counts.',
  );
}
