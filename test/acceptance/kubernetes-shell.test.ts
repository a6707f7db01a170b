import { beforeAll, describe, expect, test } from 'vitest';
import { shellRules } from '../../src/conformance/shell-rules.ts';
import { loadRegistry } from '../../src/registry.ts';
import kubernetes from '../../src/shells/kubernetes.ts';
import {
  hasKubernetes,
  sayWhySkipped,
  testNamespace,
  type TestNamespace,
} from '../helpers/kubernetes.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

/** Without requests, whatever has some starves it on a busy node. */
const resources = { requests: { cpu: '50m' } };

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'one', labels: { app: 'one' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      { name: 'first', image: 'forkpoint-cluster:pg17', args: ['hold'], resources },
      { name: 'second', image: 'forkpoint-cluster:pg17', args: ['hold'], resources },
    ],
  },
};

describe.skipIf(!hasKubernetes)('the shell into a pod', () => {
  const owned = ownedBySuite();
  let namespace: TestNamespace;
  beforeAll(async () => {
    namespace = owned.use(await testNamespace('shell'));
    await namespace.apply(pod);
    await namespace.untilReady('app=one', 1);
  }, 180_000);

  const shellIn = (more: { readonly pod?: string; readonly container?: string } = {}) =>
    kubernetes.make({ namespace: namespace.name, pod: 'one', container: 'first', ...more });

  test.each(shellRules)('$says', async ({ check }) => {
    const example = { namespace: namespace.name, pod: 'one', container: 'first' };
    const registry = await loadRegistry('');
    await check({ name: 'kubernetes', extension: { ...kubernetes, example }, registry });
  });

  test('passes on three million bytes whole, both ways', async () => {
    const stdin = 'x'.repeat(3_000_000);
    const { stdout } = await shellIn().run(['cat'], { stdin, timeoutMs: 60_000 });
    expect(stdout === stdin).toBe(true);
  });

  test('a command that is stopped is gone there', async () => {
    const shell = shellIn({ container: 'second' });
    const signal = AbortSignal.timeout(500);
    await expect(shell.run(['sleep', '4711'], { signal })).rejects.toThrow();
    await expect
      .poll(
        async () =>
          (await shell.run(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])).stdout,
        // As long as a fault may stay in force when its harness has died; each look is an exec of its own.
        { timeout: 5_000 },
      )
      .not.toContain('sleep 4711');
  });

  test('a container that dies under a command leaves its outcome unknown, or its death', async () => {
    const channel = await shellIn({ container: 'second' }).open([
      'sh',
      '-c',
      'kill 1; kill -KILL 1; cat',
    ]);
    const { outcome } = await channel.ended;
    expect(['unknown', 'killed']).toContain(outcome);
  });

  test('what cannot be reached is named, with what to do', async () => {
    await expect(shellIn({ pod: 'none' }).run(['true'])).rejects.toThrow(
      /exec in pod none.*404.*no such pod/,
    );
    await expect(shellIn({ container: 'third' }).run(['true'])).rejects.toThrow(
      /container third.*400.*no such container/,
    );
    const strange = kubernetes.make({
      namespace: 'default',
      pod: 'one',
      context: 'no-such-context',
    });
    await expect(strange.run(['true'])).rejects.toThrow(/no context 'no-such-context'.*it has/);
  });
});
