import { afterEach, expect, test, vi } from 'vitest';
import { ask } from '../../../src/backends/kubernetes/api.ts';

afterEach(() => vi.useRealTimers());

test('an API server that gives no answer is an error after 30 s, with what was asked', async () => {
  vi.useFakeTimers();
  const asked = ask(
    { namespace: 'app' },
    'list',
    'pods',
    () => new Promise<never>(() => undefined),
  );
  const refused = expect(asked).rejects.toThrow(
    'list pods in namespace app: the API server: no answer in 30 s; the API server of the kubeconfig does not answer',
  );
  await vi.advanceTimersByTimeAsync(30_000);
  await refused;
});

test('what it answers in time is passed on', async () => {
  expect(await ask({ namespace: 'app' }, 'get', 'pods', () => Promise.resolve(7))).toBe(7);
});
