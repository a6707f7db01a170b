import { expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import type { Injection } from '../../../../src/contracts/result.ts';
import type { FaultStep, Phase } from '../../../../src/contracts/scenario.ts';
import { boundsOf } from '../../../../src/judge/windows/bounds.ts';

const step = (id: string, over: Partial<FaultStep> = {}): FaultStep => ({
  id,
  fault: 'partition',
  target: 'leader',
  atMs: 5_000,
  params: null,
  ...over,
});
const injection = (id: string, over: Partial<Injection> = {}): Injection => ({
  id,
  fault: 'partition',
  targets: ['pg1'],
  plannedAtMs: 5_000,
  injectedAtMs: 5_000,
  inForceAtMs: 5_200,
  healedAtMs: 9_000,
  ...over,
});
const undo = (id: string): RunEvent => ({
  atMs: 0,
  type: 'undo',
  id,
  step: { do: 'clearRules', node: 'pg1', tag: id },
});

function bounds(
  phase: Partial<Phase>,
  faults: readonly Injection[] = [injection('cut')],
  steps: readonly FaultStep[] = [step('cut', { holdMs: 4_000 })],
) {
  const events = steps.map(({ id }) => undo(id));
  const whole: Phase = { edge: 'during', step: 'cut', offsetMs: 0, ...phase };
  const { stretches, reason } = boundsOf(whole, { steps, faults, events, endMs: 30_000 });
  return reason ?? stretches.map(({ fromMs, untilMs }) => [fromMs, untilMs]);
}

test('before, during and after a fault are the whole load, and share no moment', () => {
  expect(bounds({ edge: 'before' })).toEqual([[0, 5_000]]);
  expect(bounds({ edge: 'during' })).toEqual([[5_000, 9_000]]);
  expect(bounds({ edge: 'after' })).toEqual([[9_000, 30_000]]);
});

test('within keeps what is next to the fault; an offset begins later', () => {
  expect(bounds({ edge: 'before', withinMs: 2_000 })).toEqual([[3_000, 5_000]]);
  expect(bounds({ edge: 'after', withinMs: 2_000 })).toEqual([[9_000, 11_000]]);
  expect(bounds({ edge: 'after', offsetMs: 5_000, withinMs: 90_000 })).toEqual([[14_000, 30_000]]);
});

test('a fault that is healed after the load is in force until its end, and nothing comes after it', () => {
  const late = [injection('cut', { healedAtMs: 30_400 })];
  const held = [step('cut')];
  expect(bounds({ edge: 'during' }, late, held)).toEqual([[5_000, 30_000]]);
  expect(bounds({ edge: 'after' }, late, held)).toBe('cut was in force until the end of the load');
});

test('a fault that nothing has to heal is over once it is injected', () => {
  const sources = {
    steps: [step('go', { fault: 'switchover' })],
    faults: [injection('go', { healedAtMs: 30_400 })],
    events: [],
    endMs: 30_000,
  };
  const phase = { step: 'go', offsetMs: 0 };
  expect(boundsOf({ ...phase, edge: 'during' }, sources).stretches).toEqual([
    { fromMs: 5_000, untilMs: 5_200 },
  ]);
  expect(boundsOf({ ...phase, edge: 'after' }, sources).stretches).toEqual([
    { fromMs: 5_200, untilMs: 30_000 },
  ]);
});

test('a repeated fault has every repetition in its during, and comes before the first and after the last', () => {
  const steps = [step('flap.1', { holdMs: 1 }), step('flap.2', { holdMs: 1 })];
  const faults = [
    injection('flap.1'),
    injection('flap.2', { injectedAtMs: 15_000, inForceAtMs: 15_100, healedAtMs: 16_000 }),
  ];
  const of = (edge: Phase['edge'], id = 'flap') => bounds({ edge, step: id }, faults, steps);
  expect(of('during')).toEqual([
    [5_000, 9_000],
    [15_000, 16_000],
  ]);
  expect([of('before'), of('after')]).toEqual([[[0, 5_000]], [[16_000, 30_000]]]);
  expect(of('during', 'flap.2')).toEqual([[15_000, 16_000]]);
});

test.each([
  [[], 'cut was never injected'],
  [[injection('cut', { inForceAtMs: null })], 'cut was not seen to be in force'],
] as const)('a fault that was not seen to be in force has no phases: %#', (faults, reason) => {
  for (const edge of ['before', 'during', 'after'] as const) {
    expect(bounds({ edge }, faults)).toBe(reason);
  }
});

test('an offset past the end of the load leaves nothing', () => {
  expect(bounds({ edge: 'after', offsetMs: 25_000 })).toBe(
    'the load ended 21000 ms after cut, before 25000 ms had passed',
  );
});
