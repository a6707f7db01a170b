import type { Result } from '../contracts/result.ts';
import { annotations, appendStepSummary } from '../github.ts';
import type { Registry } from '../registry.ts';

/** What `--github` means everywhere: the job's summary page, and annotations on it. */
export async function tellGithub(result: Result, { reporters }: Registry): Promise<void> {
  await appendStepSummary(reporters.get('markdown')?.render(result) ?? '');
  process.stdout.write(annotations(result));
}
