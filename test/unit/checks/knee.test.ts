import { expect, test } from 'vitest';
import type { Evidence, Verdict } from '../../../src/contracts/evidence.ts';
import type { Knee } from '../../../src/contracts/result.ts';
import check from '../../../src/checks/knee.ts';
import { measuredRun } from '../../helpers/result.ts';

function verdict(demand: string, knee: Pick<Knee, 'perSecond' | 'passedAt'> | null): Verdict {
  const found = knee && { ...knee, limits: { p99Ms: 50, errorPercent: 1 }, steps: [] };
  const throughput = { ackedPerSecond: 500, latencyMs: {}, knee: found };
  const parsed = check.params.safeParse(demand);
  if (!parsed.success) throw new Error(`it does not take ${demand}`);
  return check.check({ result: measuredRun({ throughput }) } as Evidence, parsed.data);
}

const between = { perSecond: 1_000, passedAt: 1_500 };

test.each([
  ['>= 1000/s', between, 'pass', 'knee: 1000/s kept its limits, 1500/s did not'],
  ['> 1000/s', between, 'unknown', 'knee: 1000/s kept its limits, 1500/s did not'],
  ['>= 1500/s', between, 'fail', 'knee: 1000/s kept its limits, 1500/s did not'],
  ['>= 1200/s', between, 'unknown', 'knee: 1000/s kept its limits, 1500/s did not'],
  ['>= 100/s', { perSecond: 0, passedAt: 100 }, 'fail', 'knee: no rate kept its limits, 100/s did'],
  ['>= 90/s', { perSecond: 0, passedAt: 100 }, 'unknown', 'knee: no rate kept its limits'],
  ['>= 2000/s', { perSecond: 1_000, passedAt: null }, 'unknown', 'and no higher one was tried'],
  ['>= 100/s', null, 'unknown', 'knee: could not be measured (demanded: >= 100/s)'],
])('a demand of %s on the knee %j is %s', (demand, knee, status, words) => {
  const found = verdict(demand, knee);
  expect([found.status, found.summary]).toEqual([status, expect.stringContaining(words)]);
  expect(found.measured).toBe(knee?.perSecond ?? null);
});
