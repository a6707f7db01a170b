import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';
import type { InvariantVerdict } from '../contracts/result.ts';

const check: Check<'hold' | 'any'> = {
  summary: "The workload's invariants hold on every node.",
  params: z.enum(['hold', 'any']),
  byDefault: 'hold',
  isRecorded: ({ invariants }) => invariants !== undefined,
  check({ result }: Evidence, demanded) {
    const { invariants = [] } = result;
    const measured = invariants.map(({ node, name, status, breaches }) => {
      return { node, name, status, breaches };
    });
    if (invariants.length === 0) {
      return { status: 'unknown', summary: 'invariants: none were asked', measured };
    }
    const broken = invariants.filter(({ status }) => status === 'broken');
    const unknown = invariants.filter(({ status }) => status === 'unknown');
    const found = [...broken, ...unknown].map(describe).join('; ') || 'all hold on every node';
    const summary = `invariants: ${found} (demanded: ${demanded})`;
    if (demanded === 'any') return { status: 'pass', summary, measured };
    if (broken.length > 0) return { status: 'fail', summary, measured };
    return { status: unknown.length > 0 ? 'unknown' : 'pass', summary, measured };
  },
};
export default check;

function describe(verdict: InvariantVerdict): string {
  const { node, name, says, status, breaches, examples, reason } = verdict;
  if (status === 'unknown') return `${name} on ${node} unknown: ${reason ?? 'no reason given'}`;
  const rows = breaches === 1 ? '1 row' : `${breaches ?? '?'} rows`;
  return `${name} is broken on ${node} (${says}): ${rows}, the first ${JSON.stringify(examples[0])}`;
}
