import path from 'node:path';
import type { MatrixCell } from '../contracts/matrix.ts';
import type { Plan } from '../contracts/scenario.ts';
import { messageOf } from '../std/errors.ts';
import { readResult } from '../evidence/store/read-result.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { recordOf } from '../history/run-record.ts';
import { appendToHistory } from '../history/runs-jsonl.ts';

/** The run added its own line to the history; what it was for, and whether its settings held, only the matrix knows. */
export async function recordCell(
  { directory, status }: MatrixCell,
  plan: Plan,
  about: { readonly matrix: string; readonly log: (line: string) => void },
): Promise<void> {
  if (directory === null) return;
  try {
    const result = await readResult(path.join(reportsFolder(), directory)).catch(() => undefined);
    if (!result) return;
    const record = recordOf(result, {
      recordedAt: new Date(),
      suite: null,
      commit: null,
      directory,
      thresholds: plan.scenario.thresholds ?? null,
      matrix: { directory: about.matrix, cell: status },
    });
    await appendToHistory(reportsFolder(), [record]);
  } catch (error) {
    about.log(messageOf(error));
  }
}
