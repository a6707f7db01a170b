import { expect, test } from 'vitest';
import { watchTopology } from '../../../src/run/watch-topology.ts';
import { fakeCluster, topologyOf } from '../../helpers/fake-cluster.ts';

const fails = () => {
  throw new Error('no answer');
};

test('readings that stop being answered are told once, and when they are answered again', async () => {
  const told: string[] = [];
  const whole = Promise.withResolvers<undefined>();
  let looks = 0;
  {
    const script = [topologyOf(), fails, fails, topologyOf()];
    await using _watcher = watchTopology(fakeCluster(...script), {
      looked: () => {
        if (++looks === 2) whole.resolve(undefined);
      },
      topology: () => told.push('topology'),
      blind: (agoMs) => told.push(agoMs >= 100 && agoMs < 10_000 ? 'blind' : `blind ${agoMs}`),
      seesAgain: () => told.push('seesAgain'),
      lag: () => undefined,
    });
    await whole.promise;
  }
  expect(told).toEqual(['topology', 'blind', 'seesAgain']);
});

test('a reading that the end of the watch interrupts is no silence', async () => {
  const told: string[] = [];
  const topology = (signal?: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  {
    await using _watcher = watchTopology(
      { topology },
      {
        looked: () => undefined,
        topology: () => undefined,
        blind: () => told.push('blind'),
        seesAgain: () => undefined,
        lag: () => undefined,
      },
    );
  }
  expect(told).toEqual([]);
});
