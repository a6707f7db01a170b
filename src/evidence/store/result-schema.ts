import { z } from 'zod';
import type { Result } from '../../contracts/result.ts';
import { resultAsWrittenNow, type StoredResult } from './earlier-results.ts';
import { anomaliesSection } from './result-schema/anomalies.ts';
import { archiveSection } from './result-schema/archive.ts';
import { downstreamSection } from './result-schema/downstream.ts';
import { groupsSection } from './result-schema/groups.ts';
import { leadershipSection } from './result-schema/leadership.ts';
import { lossSection } from './result-schema/loss.ts';
import { outageSection } from './result-schema/outage.ts';
import { phasesSection } from './result-schema/phases.ts';
import { readsSection } from './result-schema/reads.ts';
import { recoverySection } from './result-schema/recovery.ts';
import { routesSection } from './result-schema/routes.ts';
import { runSection } from './result-schema/run.ts';
import { throughputSection } from './result-schema/throughput.ts';
import { verdictSection } from './result-schema/verdict.ts';
import { walSection } from './result-schema/wal.ts';
import { windowsSection } from './result-schema/windows.ts';
import { writesSection } from './result-schema/writes.ts';

/*
 * result.json as a schema: the JSON Schema that ships with the project, and the check of a stored result. Loose: a later
 * version adds fields. What was added after the first version has a default, so that older results can be rendered.
 */

export const resultSchema = z
  .looseObject({
    ...runSection,
    ...verdictSection,
    ...writesSection,
    ...lossSection,
    ...walSection,
    ...anomaliesSection,
    ...outageSection,
    ...phasesSection,
    ...leadershipSection,
    ...recoverySection,
    ...throughputSection,
    ...routesSection,
    ...readsSection,
    ...windowsSection,
    ...groupsSection,
    ...downstreamSection,
    ...archiveSection,
  })
  .describe('The result of one run. null: not measured.') satisfies z.ZodType<Result>;

/** For editors, and for programs that read results. */
export function renderResultSchema(): string {
  const schema = z.toJSONSchema(resultSchema, { io: 'input' });
  return `${JSON.stringify({ ...schema, title: 'Forkpoint result' }, null, 2)}\n`;
}

/** The first thing that is not as it should be: `writes.lost: ...`. Undefined when all is. */
export function checkResult(
  value: unknown,
): { readonly result: Result } | { readonly problem: string } {
  const parsed = resultSchema.safeParse(value);
  // The value itself, so that what is written again is the same to the byte; parsed, its keys have another order.
  if (parsed.success) return { result: resultAsWrittenNow(value as StoredResult) };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}` };
}
