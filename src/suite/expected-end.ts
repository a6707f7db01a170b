import type { EntryResult, SuiteEntry } from '../contracts/suite.ts';

/** What an entry adds to the exit code of its suite; undefined: it has not ended. */
export function exitCodeAgainst(
  { expect = 'pass' }: Pick<SuiteEntry, 'expect'>,
  { status, exitCode }: Pick<EntryResult, 'status' | 'exitCode'>,
): number | undefined {
  if (status === 'knownDefect') return expect === 'knownDefect' || expect === 'either' ? 0 : 6;
  if (status === 'pass') return expect === 'knownDefect' || expect === 'fail' ? 1 : 0;
  if (status === 'fail' && expect === 'fail') return 0;
  return exitCode ?? undefined;
}

/** Why an entry that passed is not what its suite expects; undefined: it is. */
export function unexpectedPass(
  { expect }: Pick<SuiteEntry, 'expect'>,
  { status }: Pick<EntryResult, 'status'>,
): string | undefined {
  if (status !== 'pass') return undefined;
  if (expect === 'knownDefect') return 'it passed, and the suite expects a known defect here';
  return expect === 'fail' ? 'it passed, and the suite expects that a demand fails' : undefined;
}
