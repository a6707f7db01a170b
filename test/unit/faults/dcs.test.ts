import { expect, test } from 'vitest';
import { refusalOfSteps } from '../../helpers/refusal-of-steps.ts';

test('members that are slow are not frozen as well: the heal of one would continue them for both', () => {
  const slow = 'at: 1s, fault: dcs-slow, target: dcs-leader, stopped: 1s';
  expect(
    refusalOfSteps([slow, 'at: 2s, fault: dcs-outage, target: dcs-leader, how: freeze']),
  ).toContain(
    'takes the etcd process of its target, which dcs-slow#1 has taken since 1s, and still has',
  );
  expect(
    refusalOfSteps([slow, 'at: 2s, fault: dcs-outage, target: dcs-leader, how: kill']),
  ).toBeUndefined();
});

test('members are said by a target or by a number, not by both', () => {
  expect(refusalOfSteps(['at: 1s, fault: dcs-outage, target: dcs-leader, members: 2'])).toContain(
    'the target already says which: dcs-leader',
  );
});
