import { expect, test } from 'vitest';
import { refusalOfSteps } from '../../../helpers/refusal-of-steps.ts';

const pause = 'at: 5s, fault: pause-replay, target: replica, for: 5s';
const stray = 'at: 10s, fault: stray-postmaster, target: pg1, for: 5s';
const runs = 'Patroni resumes a paused replay in its next loop, except in maintenance mode';
const server = 'PostgreSQL runs on its target, and no earlier step ends it';

test.each([
  ['without maintenance mode', [pause], runs],
  ['after maintenance mode', [pause, 'at: 1s, fault: pause-patroni, for: 3s'], runs],
  ['before maintenance mode', [pause, 'at: 6s, fault: pause-patroni'], runs],
  ['after a kill of PostgreSQL alone', [pause, 'at: 1s, fault: kill-postgres, target: pg2'], runs],
  ['on a server that no step ends', [stray], server],
  ['beside a frozen server', [stray, 'at: 5s, fault: freeze-node, target: pg1'], server],
  ['on a node that runs again', [stray, 'at: 1s, fault: stop-node, target: pg1, for: 4s'], server],
])('what cannot be in force %s is refused before anything boots', (_when, steps, why) => {
  const said = refusalOfSteps(steps);
  expect(said).toMatch(/^x\.yaml:5:\d+: faults\[0\]\.fault: /);
  expect(said).toContain(why);
});

test.each([
  [[pause, 'at: 1s, fault: pause-patroni']],
  [[pause, 'at: 1s, fault: freeze-patroni, target: replica']],
  [[stray, 'at: 1s, fault: kill-node, target: pg1']],
  [[stray, 'at: 1s, fault: stop-node, target: leader']],
])('what may be in force is not refused: %s', (steps) => {
  expect(refusalOfSteps(steps)).toBeUndefined();
});

test.each([
  ['pause-replay, target: leader', "a primary replays nothing, and the target is 'leader'"],
  ['promote-by-hand, target: leader', "a primary cannot be promoted, and the target is 'leader'"],
  ['promote-by-hand, target: all', "a primary cannot be promoted, and the target is 'all'"],
])('%s is refused before anything boots', (step, why) => {
  expect(refusalOfSteps([`at: 1s, fault: ${step}`])).toContain(why);
});
