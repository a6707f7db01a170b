import { expect, test } from 'vitest';
import { refusalOfSteps } from '../../helpers/refusal-of-steps.ts';

const refusal = (step: string, cluster?: string) => refusalOfSteps([`at: 1s, ${step}`], cluster);

const kill = (process: string, target: string) =>
  `fault: kill-process, process: ${process}, target: ${target}`;

test.each([
  [kill('walreceiver', 'leader'), 'a primary has no walreceiver, and the target is leader'],
  [kill('startup', 'leader'), 'a primary has no startup, and the target is leader'],
  [kill('walwriter', 'replica'), "a replica has no walwriter, and the target is 'replica'"],
  [kill('archiver', 'leader'), 'there is no archiver without archive_mode'],
  [kill('logical-walsender', 'leader'), 'there is none without wal_level logical'],
  [`${kill('checkpointer', 'leader')}, count: 2`, 'a server has one checkpointer'],
  [kill('checkponter', 'leader'), 'checkpointer'],
  [
    'fault: freeze-process, process: walsender, endSessions: true, target: leader',
    'is for process: postmaster alone',
  ],
])('%s is refused before anything boots', (step, why) => {
  expect(refusal(step)).toMatch(/^x\.yaml:5:\d+: faults\[0\]/);
  expect(refusal(step)).toContain(why);
});

test('a kind that a target may have is not refused', () => {
  expect(refusal(kill('walreceiver', 'pg1'))).toBeUndefined();
  expect(refusal(kill('walwriter', 'pg2'))).toBeUndefined();
  const logical = '{ parameters: { wal_level: logical, archive_mode: "on" } }';
  expect(refusal(kill('logical-walsender', 'leader'), logical)).toBeUndefined();
  expect(refusal(kill('archiver', 'leader'), logical)).toBeUndefined();
  const patroni = '{ patroni: { postgresql: { parameters: { archive_mode: true } } } }';
  expect(refusal(kill('archiver', 'leader'), patroni)).toBeUndefined();
});

test('a cluster of one has no walsender', () => {
  expect(refusal(kill('walsender', 'leader'), '{ nodes: 1 }')).toContain(
    'a server without replicas has no walsender',
  );
});
