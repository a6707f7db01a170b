import type { Reporter } from '../contracts/evidence.ts';
import type { CheckResult, Result } from '../contracts/result.ts';
import { repeatCommand, whatHappened, whyThisVerdict } from '../render/support/sentences.ts';
import { attributes, escapeXml } from '../render/support/xml.ts';

/**
 * One test case per check, and one for the run itself: a run that could not be judged is an error, which no reader takes
 * for a pass. What a known defect explains is skipped, with the issue. Shape: the JUnit XML that GitHub actions, GitLab and Jenkins read.
 */
const reporter: Reporter = {
  fileName: 'junit.xml',
  render: (result) => {
    const cases = [runCase(result), ...result.checks.map((check) => checkCase(result, check))];
    const counts = attributes({
      tests: cases.length,
      failures: cases.filter(({ kind }) => kind === 'failure').length,
      errors: cases.filter(({ kind }) => kind === 'error').length,
      skipped: cases.filter(({ kind }) => kind === 'skipped').length,
      time: seconds(result.durationMs),
    });
    const name = attributes({ name: `forkpoint ${result.scenario}` });
    const stamp = attributes({ timestamp: result.startedAt.replace(/(\.\d+)?Z$/, '') });
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites${attributes({ name: 'forkpoint' })}${counts}>`,
      `  <testsuite${name}${counts}${stamp}>`,
      `    <properties>${properties(result)}</properties>`,
      ...cases.map(({ text }) => text),
      `    <system-out>${escapeXml(whatHappened(result))}</system-out>`,
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n');
  },
};
export default reporter;

interface Case {
  readonly kind: 'pass' | 'failure' | 'error' | 'skipped';
  readonly text: string;
}

/** The checks report the demands; this case reports whether the run could be judged. */
function runCase(result: Result): Case {
  const time = seconds(result.durationMs);
  // An unexplained loss fails the run whatever the checks demand.
  const isCheckLess = result.status === 'fail' && !result.checks.some(isFailed);
  if (isCheckLess)
    return written(result, { name: 'run', time, kind: 'failure' }, whyThisVerdict(result));
  const isJudged = result.problems.length === 0 && (result.writes.acknowledged ?? 0) > 0;
  const kind = isJudged ? 'pass' : 'error';
  return written(result, { name: 'run', time, kind }, whyThisVerdict(result));
}

const kinds = { pass: 'pass', fail: 'failure', unknown: 'error' } as const;

function checkCase(result: Result, { check, status, summary }: CheckResult): Case {
  const isExcused = result.status === 'knownDefect' && status === 'fail';
  const said = isExcused ? `known defect ${result.knownDefect ?? ''}: ${summary}` : summary;
  const kind = isExcused ? 'skipped' : kinds[status];
  return written(result, { name: check, time: '0', kind }, said);
}

function isFailed({ status }: CheckResult): boolean {
  return status === 'fail';
}

function written(
  result: Result,
  {
    name,
    time,
    kind,
  }: { readonly name: string; readonly time: string; readonly kind: Case['kind'] },
  said: string,
): Case {
  const head = `    <testcase${attributes({ classname: `forkpoint.${result.scenario}`, name, time })}`;
  if (kind === 'pass') return { kind, text: `${head}/>` };
  const detail = `${said}\nRun it again: ${repeatCommand(result)}`;
  const about = kind === 'skipped' ? { message: said } : { message: said, type: kind };
  const body = `<${kind}${attributes(about)}>${escapeXml(detail)}</${kind}>`;
  return { kind, text: `${head}>\n      ${body}\n    </testcase>` };
}

function properties({ versions, backend, seed, runId }: Result): string {
  const all = { ...versions, backend, seed: String(seed), runId };
  return Object.entries(all)
    .map(([name, value]) => `<property${attributes({ name, value })}/>`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
