import type { Result } from '../../contracts/result.ts';
import { lastTakings } from '../../std/units/wal-takings.ts';
import { counted, countedPlural } from './counted.ts';
import { known, listed, plural } from './format.ts';
import { stagesIn, type Stage, type Stages } from './stages.ts';

export const stageHead = ['stage', 'writes', 'rows'];

/** How many writes came how far. None where nothing was acknowledged. */
export function stageRows(result: Result): readonly (readonly string[])[] {
  const { attempted, acknowledged } = result.stages;
  if (acknowledged === 0) return [];
  const { upToPrimary, replicas, consumers } = stagesIn(result);
  const inWrites = (count: number | null | undefined) =>
    count === undefined ? '' : counted(result, count);
  const inRows = (count: number | null | undefined) => (count === undefined ? '' : known(count));
  return [
    ['attempted', counted(result, attempted), ''],
    ['acknowledged', counted(result, acknowledged), inRows(result.records.inserted)],
    ...[...upToPrimary, ...replicas, ...consumers].map(({ where, writes, rows }) => [
      ...[where, inWrites(writes), inRows(rows)],
    ]),
  ];
}

/** The first stage whose count is not that of the stage before it, and what the table cannot show. */
export function stageSentences(result: Result): readonly string[] {
  const { acknowledged } = result.stages;
  if (acknowledged === 0) return [];
  if (acknowledged === null) return ['How far acknowledged writes came is unknown.'];
  return [firstMismatch(result), ...flushedSentence(result), ...overwrittenSentence(result)];
}

function firstMismatch(result: Result): string {
  const all = stagesIn(result);
  const { upToPrimary, replicas, consumers } = all;
  const at = upToPrimary.findIndex(lacks);
  const stage = upToPrimary[at];
  if (stage) return missingFrom(result, stage, upToPrimary.slice(0, at));
  const behind = replicas.filter(lacks);
  if (behind.length > 0)
    return missingOut(result, all, `rows, ${sayOf(behind, 'missing or older')}`);
  const short = consumers.filter(lacks);
  if (short.length > 0) return missingOut(result, all, `writes, ${sayOf(short, 'missing')}`);
  return noneMissing(result, all);
}

function lacks({ missing }: Stage): boolean {
  return missing !== null && missing > 0;
}

function sayOf(stages: readonly Stage[], how: string): string {
  const each = stages.map(({ where, missing }) => {
    return `${known(missing)} ${missing === 1 ? 'is' : 'are'} ${how} ${where}`;
  });
  return listed(each);
}

/** '10,000 acknowledged, 9,000 in the WAL of pg1: 1,000 are missing from there on.' */
function missingFrom(result: Result, stage: Stage, before: readonly Stage[]): string {
  const { acknowledged } = result.stages;
  const passed = before.filter(({ missing }) => missing !== null);
  const unknown = before.filter(({ missing }) => missing === null);
  const counts = [
    `${counted(result, acknowledged)} acknowledged`,
    ...[...passed, stage].map(({ where, writes = null }) => `${counted(result, writes)} ${where}`),
  ].join(', ');
  const missing = stage.missing ?? 0;
  const verb = missing === 1 ? 'is' : 'are';
  const place = isMissingAfter(result, missing) ? 'from there on' : 'there';
  const earlier =
    unknown.length === 0
      ? ''
      : `, if not earlier: it is unknown how many were ${listed(unknown.map(({ where }) => where))}`;
  return `${counts}: ${counted(result, missing)} ${verb} missing ${place}${earlier}.`;
}

/** Whether every later stage was seen to lack as many: none of them can be had elsewhere. */
function isMissingAfter(result: Result, missing: number): boolean {
  const { replicas, downstream = [] } = result;
  const lost = stagesIn(result).upToPrimary.at(-1)?.missing ?? 0;
  return (
    lost >= missing &&
    replicas.every(({ status, extra }) => status !== 'unverifiable' && extra === 0) &&
    downstream.every(({ phantoms }) => phantoms === 0)
  );
}

/** `said`: which of the primary's rows are not where. */
function missingOut(result: Result, { upToPrimary }: Stages, said: string): string {
  const there = counted(result, upToPrimary.at(-1)?.writes ?? null);
  const acknowledged = counted(result, result.stages.acknowledged);
  return `${acknowledged} acknowledged, ${there} on the primary: of its ${said}.`;
}

function noneMissing(result: Result, { upToPrimary, replicas, consumers }: Stages): string {
  const stages = [...upToPrimary, ...replicas, ...consumers];
  const seen = stages.filter(({ missing }) => missing !== null).map(({ where }) => where);
  const unknown = stages.filter(({ missing }) => missing === null).map(({ where }) => where);
  const writes = countedPlural(result, result.stages.acknowledged, 'acknowledged write');
  if (seen.length === 0) return `It is unknown how many of ${writes} were ${listed(unknown)}.`;
  const rest = unknown.length === 0 ? '' : `; unknown: how many were ${listed(unknown)}`;
  return `Of ${writes} none is missing at a stage that was counted: ${listed(seen)}${rest}.`;
}

function flushedSentence({ stages }: Result): readonly string[] {
  return stages.flushed == null
    ? []
    : ['Flushed: less those that their server came back without after a crash.'];
}

/** A later write of the row hides that they are lost. */
function overwrittenSentence({ wal }: Result): readonly string[] {
  const count = lastTakings(wal ?? []).reduce((sum, each) => sum + (each.overwritten ?? 0), 0);
  if (count === 0) return [];
  const rows = count === 1 ? 'its row was' : 'their rows were';
  return [
    `${plural(count, 'update')} past a fork ${count === 1 ? 'counts' : 'count'} as there, for ${rows} written again since.`,
  ];
}
