import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { jobOf } from '../../../../src/backends/kubernetes/job/job.ts';
import { offersIndexedJobs } from '../../../../src/backends/kubernetes/job/site.ts';
import { jobParams } from '../../../../src/backends/kubernetes/job/params.ts';
import {
  exitCodeOf,
  isHopeless,
  isRunning,
  whyNotRunning,
} from '../../../../src/backends/kubernetes/job/pod-state.ts';

const params = jobParams.parse({ image: 'forkpoint:0.1.0', parallelism: 8 });
const job = (isIndexed: boolean) =>
  jobOf('pg', { name: 'forkpoint-load-1', labels: { run: '1' }, params, isIndexed });

test('every worker pod has one attachment to its input, no right and no token', () => {
  const { template, parallelism, completions } = job(false).spec;
  expect([parallelism, completions]).toEqual([8, 8]);
  expect(template.spec).toMatchObject({
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [{ args: ['worker'], stdin: true, stdinOnce: true }],
  });
});

test('a Job is Indexed only where the server has such Jobs', () => {
  expect(job(true).spec).toMatchObject({ completionMode: 'Indexed' });
  expect(job(false).spec).not.toHaveProperty('completionMode');
});

test('keys that a Job of load does not have are refused', () => {
  const given = { image: 'forkpoint:0.1.0', parallelism: 8 };
  expect(jobParams.safeParse({ ...given, pods: 3 }).success).toBe(false);
  expect(jobParams.safeParse({ ...given, parallelism: 0 }).success).toBe(false);
});

const pod = (status: unknown, metadata = {}) => ({ status, metadata }) as unknown as V1Pod;
const waiting = (reason: string, message?: string) =>
  pod({ containerStatuses: [{ state: { waiting: { reason, message } } }] });

test('a pod that is being deleted is not taken, though its container runs', () => {
  const status = { containerStatuses: [{ state: { running: {} } }] };
  expect(isRunning(pod(status))).toBe(true);
  expect(isRunning(pod(status, { deletionTimestamp: new Date() }))).toBe(false);
});

test.each([
  [
    waiting('ImagePullBackOff', 'Back-off pulling image "x"'),
    'ImagePullBackOff: Back-off pulling image "x"',
  ],
  [waiting('ContainerCreating'), undefined],
  [
    pod({
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '1 Insufficient cpu.',
        },
      ],
    }),
    'Unschedulable: 1 Insufficient cpu.',
  ],
])('why a pod does not run is said in the words of Kubernetes', (given, why) => {
  expect(whyNotRunning(given)).toBe(why);
});

test('an image that is never pulled is no reason to wait, and one that may be pulled yet is', () => {
  expect(isHopeless('ErrImageNeverPull: Container image "x" is not present')).toBe(true);
  expect(isHopeless('ImagePullBackOff: Back-off pulling image "x"')).toBe(false);
});

test('a container that still runs has no exit code', () => {
  expect(exitCodeOf(pod({ containerStatuses: [{ state: { running: {} } }] }))).toBeUndefined();
  expect(exitCodeOf(pod({ containerStatuses: [{ state: { terminated: { exitCode: 0 } } }] }))).toBe(
    0,
  );
});

test.each([
  ['1', '20', false],
  ['1', '23+', false],
  ['1', '24', true],
  ['1', '27+', true],
  ['2', '0', true],
  ['', '', false],
])(
  'version %s.%s of the API server: Indexed Jobs are stable there: %s',
  (major, minor, isIndexed) => {
    expect(offersIndexedJobs({ major, minor })).toBe(isIndexed);
  },
);
