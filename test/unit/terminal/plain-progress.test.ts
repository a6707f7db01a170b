import { expect, test } from 'vitest';
import { turnsAsLines } from '../../../src/terminal/plain-progress.ts';
import { topologyOf } from '../../helpers/fake-cluster.ts';

test('without a live view each fault and each change of the leader is a line', () => {
  const lines: string[] = [];
  const tell = turnsAsLines((line) => lines.push(line));
  const promoted = topologyOf({
    leader: 'pg3',
    members: { pg1: { role: 'down' }, pg3: { role: 'primary', timeline: 2 } },
  });
  tell({ type: 'topology', topology: topologyOf() });
  tell({ type: 'topology', topology: topologyOf({ isPaused: true }) });
  tell({ type: 'inject', id: 'cut', fault: 'partition', targets: ['pg1'], plannedAtMs: 5_000 });
  tell({ type: 'topology', topology: topologyOf({ leader: 'pg3' }) });
  tell({ type: 'topology', topology: promoted });
  tell({ type: 'inject', id: 'exec#1', fault: 'exec', targets: [], plannedAtMs: 9_000 });
  tell({ type: 'healed', id: 'cut' });
  expect(lines).toEqual([
    '  pg1 leads, timeline 1',
    '  cut (partition) on pg1',
    '  pg3 leads, timeline 2',
    '  exec#1 (exec) on the cluster',
    '  cut healed',
  ]);
});
