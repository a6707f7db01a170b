import { appendFile } from 'node:fs/promises';
import type { Result } from '../contracts/result.ts';
import type { EntryStatus, SuiteResult } from '../contracts/suite.ts';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { forTerminal } from '../std/plain.ts';
import { whatHappened, whyThisVerdict } from './support/sentences.ts';

/** The file of the job's summary page. Errors: EnvironmentError outside of a GitHub workflow step. */
export function stepSummaryFile(): string {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file !== undefined && file !== '') return file;
  throw new EnvironmentError(
    '--github: GITHUB_STEP_SUMMARY is not set; it exists only in steps of a workflow',
  );
}

/** Appends to the summary page of the job. Errors: EnvironmentError. */
export async function appendStepSummary(markdown: string): Promise<void> {
  const file = stepSummaryFile();
  try {
    await appendFile(file, `${markdown}\n`);
  } catch (error) {
    throw new EnvironmentError(`cannot append to ${file}: ${messageOf(error)}`, { cause: error });
  }
}

const levels = {
  pass: 'notice',
  fail: 'error',
  unknown: 'warning',
  knownDefect: 'warning',
} as const;

/**
 * One workflow command per run, and one per demand that does not hold: GitHub shows them on the job and the pull request.
 * Shape: `::error title=...::message`, with the escapes that the runner decodes.
 */
export function annotations(result: Result): string {
  const line = (status: Result['status'], title: string, text: string) =>
    `::${levels[status]} title=${property(title)}::${message(text)}`;
  const broken = result.checks.filter(({ status }) => status !== 'pass');
  return [
    line(
      result.status,
      `${result.scenario}: ${result.status}`,
      `${whatHappened(result)} ${whyThisVerdict(result)}`,
    ),
    ...broken.map(({ check, status, summary }) =>
      line(status, `${result.scenario}: ${check}`, summary),
    ),
    '',
  ].join('\n');
}

const entryLevels: Readonly<Partial<Record<EntryStatus, string>>> = {
  pass: 'notice',
  fail: 'error',
  bug: 'error',
  invalid: 'error',
};

/** One workflow command for the suite, one per run that did not pass, and one per number beyond its threshold. */
export function suiteAnnotations(
  { suite, entries, exitCode }: SuiteResult,
  { counts, breaches }: { readonly counts: string; readonly breaches: readonly string[] },
): string {
  const line = (level: string, title: string, text: string) =>
    `::${level} title=${property(title)}::${message(text)}`;
  const notPassed = entries.filter(({ reason }) => reason !== null);
  return [
    line(exitCode === 0 ? 'notice' : 'error', suite, counts),
    ...notPassed.map(({ label, status, reason }) =>
      line(entryLevels[status] ?? 'warning', `${label}: ${status}`, reason ?? 'no reason is known'),
    ),
    ...breaches.map((breach) => line('warning', `${suite}: beyond its threshold`, breach)),
    '',
  ].join('\n');
}

/** Escapes a text, so that nothing in it starts a command. */
function message(text: string): string {
  return forTerminal(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return message(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
