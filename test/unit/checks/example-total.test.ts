import { expect, test } from 'vitest';
import type { Evidence } from '../../../src/contracts/evidence.ts';
import type { Observation } from '../../../src/contracts/observation.ts';
import { loadExtensionsOf } from '../../../src/registry.ts';
import { conclude } from '../../../src/judge/conclude.ts';
import { measuredRun } from '../../../src/conformance/samples/measured.ts';
import { storedPlan } from '../../helpers/stored-run.ts';

const { registry } = await loadExtensionsOf('docs/examples/extensions');
const plan = await storedPlan();
const demanding = { ...plan, scenario: { ...plan.scenario, expect: { total: 'constant' } } };

const right: Observation = {
  reader: 0,
  read: 'total',
  node: 'pg1',
  sentMs: 2000,
  answeredMs: 2001,
  value: { found: '20000', expected: 20000 },
};
const failed: Observation = { ...right, value: undefined as never, problem: 'no answer in 5 s' };

function verdictOn(observations?: Evidence['observations']) {
  const seen = observations && { observations };
  const evidence = { plan: demanding, events: [], ...seen, result: measuredRun() };
  const checks = conclude(evidence, registry).checks;
  return checks.find(({ check }) => check === 'total');
}

test('a wrong total among right ones fails the run, with its node and time', () => {
  const wrong = { ...right, node: 'pg2', sentMs: 4200, value: { found: '19993', expected: 20000 } };
  expect(verdictOn({ observations: [right, wrong, failed], missing: [] })).toEqual({
    check: 'total',
    status: 'fail',
    demand: 'constant',
    summary:
      'total: 1 of 2 reads saw a wrong total, the first {"found":"19993","expected":20000} on pg2 at 4200 ms',
    measured: { seen: 2, wrong: 1 },
  });
});

test('right totals pass; none at all, failed reads alone, or missing observations are unknown', () => {
  const status = (observations?: Evidence['observations']) => verdictOn(observations)?.status;
  expect(status({ observations: [right, failed], missing: [] })).toBe('pass');
  expect(status()).toBe('unknown');
  expect(status({ observations: [failed], missing: [] })).toBe('unknown');
  expect(status({ observations: [right], missing: ['0.jsonl ends in half a line'] })).toBe(
    'unknown',
  );
});
