import type { OperationRecord } from '../../contracts/evidence.ts';
import { ScenarioError } from '../../std/errors.ts';
import { asciiControls } from '../../std/plain.ts';
import { formatLsn } from '../../std/units/lsn.ts';
import { mergeHistory, type Moment } from './merge.ts';
import { journalPaths, readJournal, type JournalExpectation } from './journal.ts';

export type HistoryFormat = 'jsonl' | 'edn';

/** Which operations a jsonl history holds. */
export type Choice = (record: OperationRecord) => boolean;
const everyOne: Choice = () => true;

/** The operations of a run's folder, one line each. Errors: ScenarioError when it has no journal. */
export function historyLines(
  runDirectory: string,
  format: HistoryFormat,
  { isShown, ...expected }: JournalExpectation & { readonly isShown?: Choice } = {},
): Generator<string> {
  const paths = journalPaths(runDirectory);
  if (paths.length === 0) throw new ScenarioError(`${runDirectory} holds no journal`);
  return linesOf(paths, format, expected, isShown);
}

/** jsonl: an operation per line, in the order of answers. edn: a Jepsen history, invocations and completions. */
export function linesOf(
  paths: readonly string[],
  format: HistoryFormat,
  expected: JournalExpectation = {},
  isShown = everyOne,
): Generator<string> {
  const moments = mergeHistory(paths, expected);
  return format === 'jsonl' ? jsonLines(moments, isShown) : ednLines(paths, moments);
}

function* jsonLines(moments: Generator<Moment>, isShown: Choice): Generator<string> {
  for (const { edge, record, nodes } of moments) {
    if (edge === 'invoke' || !isShown(record)) continue;
    const { node, lsn, timeline, sqlState, ...rest } = record;
    yield asciiControls(
      JSON.stringify({
        ...rest,
        ...(node !== undefined && { node: nodes[node] ?? node }),
        ...(timeline > 0 && { timeline }),
        ...(lsn > 0n && { lsn: formatLsn(lsn) }),
        ...(sqlState !== '' && { sqlState }),
      }),
    );
  }
}

/**
 * Each row of an operation is a write of a register [writer seq]: an insert writes 0, an update its version, a delete nil.
 * As in Jepsen, a process whose operation ended in :info is never heard of again: its writer goes on as
 * process + number of writers.
 */
function* ednLines(paths: readonly string[], moments: Generator<Moment>): Generator<string> {
  const writers = countWriters(paths);
  const processes = new Map<number, number>();
  let index = 0;
  for (const moment of moments) {
    const { writer } = moment.record;
    const process = processes.get(writer) ?? writer;
    const type = typeOf(moment);
    yield `{:index ${index++}, :time ${moment.atUs * 1000}, :process ${process}, ${ednOf(moment, type)}}`;
    if (type === ':info') processes.set(writer, process + writers);
  }
}

function typeOf({ edge, record }: Moment): ':invoke' | ':ok' | ':fail' | ':info' {
  if (edge === 'invoke') return ':invoke';
  if (record.outcome === 'acknowledged') return ':ok';
  return record.outcome === 'failed' ? ':fail' : ':info';
}

function ednOf({ record, nodes }: Moment, type: string): string {
  const { kind, writer, seq, count, version, outcome, sqlState, node } = record;
  const written = kind === 'insert' ? '0' : kind === 'update' ? String(version) : 'nil';
  const rows = Array.from(
    { length: count },
    (_, row) => `[:w [${writer} ${seq + row}] ${written}]`,
  );
  const fields = [`:type ${type}`, `:f :${kind}`, `:value [${rows.join(' ')}]`];
  if (type === ':fail' || type === ':info') {
    const what = outcome === 'localOnly' ? ':local-only' : `:${outcome}`;
    fields.push(`:error [${what}${sqlState === '' ? '' : ` ${JSON.stringify(sqlState)}`}]`);
  }
  if (type !== ':invoke' && node !== undefined) {
    fields.push(`:node ${JSON.stringify(nodes[node] ?? String(node))}`);
  }
  return fields.join(', ');
}

/** Process numbers of the writers' second lives begin after the last writer. */
function countWriters(paths: readonly string[]): number {
  const ends = paths.map((path) => {
    const { header } = readJournal(path, {});
    return header ? header.firstWriter + header.writers : 0;
  });
  return Math.max(0, ...ends);
}
