import { styleText } from 'node:util';
import type { CheckResult, Result } from '../contracts/result.ts';
import { dataLossReport } from '../render/support/data-loss-report.ts';
import { promiseWithSettings } from '../render/support/durability-words.ts';
import { groupLines } from '../render/support/group-rows.ts';
import { loadSentences } from '../render/support/load-sentences.ts';
import { repeatCommand, title, whatHappened, whyThisVerdict } from '../render/support/sentences.ts';
import { routeLines } from '../render/support/route-rows.ts';
import { grouped, listed, plural } from '../std/units/shown.ts';
import { statusWord } from '../std/units/status-word.ts';
import { areLeast } from '../std/units/lower-bound.ts';
import { plain } from '../std/plain.ts';
import { wrapped } from './wrap.ts';

export interface EndOptions {
  /** Infinity: the output is not a terminal, so no line is broken. */
  readonly columns: number;
  readonly isColoured: boolean;
  /** The written report.html; undefined when there is none. */
  readonly report: string | undefined;
}

/** Together with an empty line before it and the shell's prompt below, it fits a terminal of 24 lines. */
export const linesAtMost = 22;
const failuresAtMost = 4;
const routesAtMost = 5;
const sentenceLinesAtLeast = 2;

/** What a terminal shows of a result: verdict, what happened, the Data Loss Report, what failed and where the full report is. */
export function endOfRun(result: Result, options: EndOptions): string {
  const { columns } = options;
  const fit = (lines: readonly string[]) => lines.flatMap((line) => wrapped(line, columns));
  const verdict = fit([`Verdict: ${verdictOf(result)}`]);
  const failures = clipped(fit(failuresOf(result)), failuresAtMost);
  const rest = [
    ...fit(loadSentences(result)),
    '',
    ...fit([...dataLossReport(result), `  ${whatIsInserted(result)}`]),
    '',
    ...fit(whereNext(result, options.report)),
  ];
  const routes = clipped(fit([...groupLines(result), ...routeLines(result)]), routesAtMost);
  const taken = verdict.length + failures.length + routes.length + rest.length;
  const promise = fit(
    result.durability ? [`Durability: ${promiseWithSettings(result.durability)}.`] : [],
  );
  // What is measured comes first: the reports have this line in any case.
  const hasRoom = linesAtMost - taken - promise.length >= sentenceLinesAtLeast;
  const shownPromise = hasRoom ? promise : [];
  const room = linesAtMost - taken - shownPromise.length;
  const sentence = clipped(fit([whatHappened(result)]), Math.max(sentenceLinesAtLeast, room));
  const lines = [...verdict, ...failures, ...sentence, ...shownPromise, ...routes, ...rest].map(
    (line) => plain(line),
  );
  return `${lines.map((line) => (options.isColoured ? coloured(line, result) : line)).join('\n')}\n`;
}

/** Scripts read the word before the second colon. */
function verdictOf(result: Result): string {
  const name = title(result);
  const word = `${statusWord(result.status).toUpperCase()}: ${name}`;
  if (result.status === 'pass') return `${word}. ${whyThisVerdict(result)}`;
  if (result.status === 'unknown') return `${word} could not be judged.`;
  const broken = result.checks.filter(({ status }) => status === 'fail').length;
  if (broken === 0) return `${word}. ${whyThisVerdict(result)}`;
  const why = result.knownDefect === null ? '' : `, as ${result.knownDefect} explains`;
  return `${word}. ${grouped(broken)} of ${plural(result.checks.length, 'demand')} ${broken === 1 ? 'does' : 'do'} not hold${why}:`;
}

const marks: Readonly<Record<CheckResult['status'], string>> = {
  pass: 'ok  ',
  fail: 'FAIL',
  unknown: '?   ',
};

function failuresOf({ status, checks, problems }: Result): readonly string[] {
  const firstLines = problems.map((problem) => `  ${problem.split('\n')[0] ?? ''}`);
  const broken = checks
    .filter((check) => check.status === 'fail' || (status === 'unknown' && problems.length === 0))
    .filter((check) => check.status !== 'pass')
    .map((check) => `  ${marks[check.status]} ${check.summary}`);
  return [...broken, ...new Set(firstLines)];
}

/** The report counts rows, the sentence above it counts writes. */
function whatIsInserted({ records, writes, journal }: Result): string {
  const { acknowledged } = writes;
  const isKnown = !areLeast({ journal }) && acknowledged !== null;
  const others = isKnown ? acknowledged - (records.inserted ?? 0) : 0;
  const meaning = 'Inserted: rows whose INSERT was acknowledged';
  return others > 0
    ? `${meaning}, less deleted ones; ${plural(others, 'more acknowledged write')}: updates, deletes and inserts of deleted rows.`
    : `${meaning}.`;
}

function whereNext(result: Result, report: string | undefined): readonly string[] {
  return [
    ...(result.folder === null ? [] : [`Reproduce: ${repeatCommand(result)}`]),
    ...(report === undefined ? ['Report: none could be written'] : [`Report: ${report}`]),
  ];
}

/** The first lines, and how many more there are. */
function clipped(lines: readonly string[], atMost: number): readonly string[] {
  if (lines.length <= atMost) return lines;
  const left = lines.length - atMost + 1;
  return [
    ...lines.slice(0, atMost - 1),
    `  ... ${plural(left, 'more line')}: ${listed(['the report', '--verbose'])}`,
  ];
}

const verdictStyles = {
  pass: 'green',
  fail: 'red',
  unknown: 'yellow',
  knownDefect: 'magenta',
} as const;

function coloured(line: string, { status }: Result): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    styleText(style, text, { validateStream: false });
  return line
    .replace(/^Verdict: [A-Z ]+/, (text) => paint(['bold', verdictStyles[status]], text))
    .replace(/^ {2}FAIL/, (text) => paint('red', text))
    .replace(/^(?:Data Loss Report$|\w+: )/, (text) => paint('bold', text));
}
