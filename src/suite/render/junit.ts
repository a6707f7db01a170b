import type { EntryResult, EntryStatus, SuiteResult } from '../../contracts/suite.ts';
import { attributes, escapeXml } from '../../render/support/xml.ts';

type Kind = 'pass' | 'failure' | 'error' | 'skipped';

/** A run that could not be judged is an error, which no reader takes for a pass; one that this host cannot run, or that shows a known defect, is skipped. */
const kinds: Readonly<Record<EntryStatus, Kind>> = {
  pass: 'pass',
  fail: 'failure',
  unknown: 'error',
  invalid: 'error',
  bug: 'error',
  interrupted: 'error',
  running: 'error',
  impossible: 'skipped',
  notStarted: 'skipped',
  knownDefect: 'skipped',
};

/** One test case per run, for readers of JUnit XML: GitHub actions, GitLab, Jenkins. */
export function suiteJunit(result: SuiteResult): string {
  const { suite, startedAt, durationMs, entries } = result;
  const count = (wanted: Kind) => entries.filter(({ status }) => kinds[status] === wanted).length;
  const counts = attributes({
    tests: entries.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(durationMs),
  });
  const stamp = attributes({ timestamp: startedAt.replace(/(\.\d+)?Z$/, '') });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'forkpoint' })}${counts}>`,
    `  <testsuite${attributes({ name: `forkpoint ${suite}` })}${counts}${stamp}>`,
    ...entries.map((entry) => testCase(suite, entry)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(suite: string, { label, status, reason, durationMs, directory }: EntryResult) {
  const classname = `forkpoint.${suite}`;
  const time = seconds(durationMs ?? 0);
  const head = `    <testcase${attributes({ classname, name: label, time })}`;
  const kind = kinds[status];
  if (kind === 'pass') return `${head}/>`;
  const message = `${status}: ${reason ?? 'no reason is known'}`;
  const detail = directory === null ? message : `${message}\nReport: ${directory}/report.html`;
  const about = attributes(kind === 'skipped' ? { message } : { message, type: status });
  return `${head}>\n      <${kind}${about}>${escapeXml(detail)}</${kind}>\n    </testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
