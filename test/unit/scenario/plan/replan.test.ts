import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../../src/contracts/scenario.ts';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { outcomeDifferences } from '../../../../src/history/same-outcome.ts';
import { sideBySide } from '../../../../src/history/replay-table.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../../src/scenario/plan/plan.ts';
import { replan } from '../../../../src/scenario/plan/replan.ts';
import { planSchema } from '../../../../src/evidence/store/plan-schema.ts';
import { judgedRun, losing, passing, withTimeline } from '../../../helpers/sample-results.ts';
import { storedPlan } from '../../../helpers/stored-run.ts';

const registry = await loadRegistry();
const shipped = globSync('scenarios/*.yaml').sort();

test.each(shipped)('the stored plan of %s can be run again as it is', (file) => {
  const scenario = parseScenario(readFileSync(file, 'utf8'), { file, registry });
  const plan = planScenario(scenario, { seed: 3, registry, platform: 'linux' });
  const stored = JSON.parse(JSON.stringify(plan)) as Plan;
  const checked = planSchema.safeParse(stored);
  expect(checked.error?.issues ?? []).toEqual([]);
  expect(replan(stored, { registry })).toEqual(stored);
});

describe('a stored plan', () => {
  test('is run on another backend on request', async () => {
    const plan = await storedPlan();
    expect(replan(plan, { backend: 'docker', registry })).toEqual({ ...plan, backend: 'docker' });
  });

  test('is refused with the names of everything that no longer exists', async () => {
    const plan = await storedPlan();
    const { scenario } = plan;
    const gone: Plan = {
      ...plan,
      backend: 'lokal',
      scenario: {
        ...scenario,
        load: { ...scenario.load, workload: 'abacus' },
        faults: scenario.faults.map((step) => ({ ...step, fault: 'eclipse' })),
        expectWhen: [{ conditions: { backend: 'local' }, demands: { luck: 1 } }],
      },
    };
    const refused = () => replan(gone, { registry });
    expect(refused).toThrow(ScenarioError);
    expect(refused).toThrow(
      new RegExp(
        [
          '^this plan cannot be run again:',
          "  there is no fault 'eclipse' any more; known: .*",
          "  there is no check 'luck' any more; known: .*",
          "  there is no workload 'abacus' any more; known: .*",
          "  there is no backend 'lokal' any more; did you mean 'local'\\?$",
        ].join('\n'),
      ),
    );
  });
});

describe('a replay', () => {
  const range = losing.lostRanges[0]!;
  test('has reproduced a run if the same kinds of things happened, whatever the counts', () => {
    const repeated = judgedRun('fail', losing.checks, {
      lossPattern: { kind: 'tail' },
      failovers: 1,
      lostRanges: [range],
      writes: { acknowledged: 9000, lost: 3, durable: 8997 },
    });
    expect(outcomeDifferences(losing, repeated)).toEqual([]);
  });

  test('shows the measurements of both runs, and unknown for a missing one', () => {
    const unread = judgedRun('unknown', [], {
      writes: { acknowledged: 0, lost: null },
      failovers: null,
      timeline: null,
      outage: { longestMs: null, perFault: [] },
    });
    expect(sideBySide(withTimeline, unread)).toEqual([
      '                  then      now',
      '  acknowledged    10,000    0',
      '  lost            2,000     unknown',
      '  longest outage  4.0 s     unknown',
      '  failovers       1         unknown',
      '  led by          pg1, pg2  unknown',
    ]);
  });

  test('without a loss, or with another cause, has not reproduced it', () => {
    expect(outcomeDifferences(losing, passing)).toEqual([
      'verdict: was fail, is pass',
      expect.stringMatching(/^check lost: was fail, is /) as string,
      expect.stringMatching(/^check replicas: was fail, is /) as string,
      'acknowledged writes lost: was some, is none',
      'pattern of the loss: was tail, is none',
      'causes of the loss: was forked, is none',
      'failovers: was 1, is 0',
      'check outage: was not asked, is pass',
    ]);
    const other = { ...losing, lostRanges: [{ ...range, cause: 'unflushed' as const }] };
    expect(outcomeDifferences(losing, other)).toEqual([
      'causes of the loss: was forked, is unflushed',
    ]);
  });

  test('of a run whose writes could not be counted is compared as unknown, not as zero', () => {
    const unread = judgedRun('fail', losing.checks, {
      lossPattern: { kind: 'tail' },
      failovers: 1,
      lostRanges: [range],
      writes: { acknowledged: 9000, lost: null },
    });
    expect(outcomeDifferences(losing, unread)).toEqual([
      'acknowledged writes lost: was some, is unknown',
    ]);
  });
});
