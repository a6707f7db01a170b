import { expect, test } from 'vitest';
import { faultRules } from '../../src/conformance/fault-rules.ts';
import type { Cluster } from '../../src/contracts/cluster.ts';
import type { Undo } from '../../src/contracts/fault.ts';
import { loadRegistry } from '../../src/registry.ts';
import { RecordingCluster } from '../helpers/recording-cluster.ts';

const registry = await loadRegistry('');
const { faults } = registry;
const cases = [...faults].flatMap(([name, extension]) =>
  faultRules.map((rule) => ({ name, says: rule.says, rule, extension })),
);

test.each(cases)('fault $name $says', ({ name, rule, extension }) =>
  rule.check({ name, extension, registry }),
);

test('without Patroni, kill-postgres starts the server itself when it heals', async () => {
  const steps: Undo[] = [];
  const recording = new RecordingCluster();
  const single: { -readonly [Key in keyof Cluster]: Cluster[Key] } = { ...recording.cluster };
  delete single.patroni;
  const context = { ...recording.context('kill'), undo: (step: Undo) => void steps.push(step) };
  for (const cluster of [recording.cluster, single]) {
    const targets = cluster.nodes.slice(0, 1);
    await faults.get('kill-postgres')!.inject(targets, {}, { ...context, cluster });
  }
  expect(steps).toEqual([
    { do: 'start', node: 'pg1', target: 'patroni' },
    { do: 'start', node: 'pg1', target: 'postgres' },
  ]);
});

test('switchover asks for its candidate, and fails without a leader', async () => {
  const switchover = faults.get('switchover')!;
  const recording = new RecordingCluster();
  const context = recording.context('switch');
  expect(await switchover.inject([], { candidate: 'pg3' }, context)).toEqual({
    from: 'pg1',
    to: 'pg3',
    answer: 'pg1 -> pg3',
  });
  const leaderless = {
    ...recording.cluster,
    topology: () => Promise.resolve({ syncStandbys: [], members: [], isPaused: false }),
  };
  await expect(switchover.inject([], {}, { ...context, cluster: leaderless })).rejects.toThrow(
    'there is no leader now',
  );
});
