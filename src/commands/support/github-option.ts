import type { Result } from '../../contracts/result.ts';
import type { SuiteResult } from '../../contracts/suite.ts';
import {
  annotations,
  appendStepSummary,
  stepSummaryFile,
  suiteAnnotations,
} from '../../render/github.ts';
import type { Registry } from '../../registry.ts';
import { suiteMarkdown } from '../../suite/render/markdown.ts';
import { breachesOf, countsOf } from '../../suite/render/counts.ts';
import { command } from '../../std/output.ts';

/** The effect of `--github` in every command: the job's summary page, and annotations on it. */
export async function tellGithub(result: Result, { reporters }: Registry): Promise<void> {
  await appendStepSummary(reporters.get('markdown')?.render(result) ?? '');
  command(annotations(result));
}

/** The same for a whole suite. */
export async function tellGithubOfSuite(result: SuiteResult): Promise<void> {
  await appendStepSummary(suiteMarkdown(result));
  const breaches = breachesOf(result.scenarios);
  command(suiteAnnotations(result, { counts: countsOf(result), breaches }));
}

/** Checked before anything starts, not after an hour. Errors: EnvironmentError. */
export function needStepSummary(): void {
  stepSummaryFile();
}
