import { expect, it } from 'vitest';
import { resolveDcsTargets } from '../../../src/nemesis/resolve-dcs-targets.ts';
import { RecordingCluster } from '../../helpers/recording-cluster.ts';

const { cluster } = new RecordingCluster();
const { signal } = new AbortController();

async function names(
  target: string,
  leader: string | undefined = 'pg2',
): Promise<readonly string[]> {
  const dcs = {
    ...cluster.dcs!,
    leader: () => Promise.resolve(leader),
    memberOf: (node: string) => Promise.resolve(node === 'pg1' ? 'pg3' : 'pg2'),
  };
  const topology = await cluster.topology(signal);
  const targetsOf = (id: string) => (id === 'slow' ? ['pg3'] : undefined);
  const { nodes } = cluster;
  const found = await resolveDcsTargets(target, dcs, {
    nodes,
    topology,
    random: () => 0,
    targetsOf,
    signal,
  });
  return found.map(({ name }) => name);
}

it.each([
  ['dcs-leader', ['pg2']],
  ['dcs-member of leader', ['pg3']],
  ['dcs-member of pg2', ['pg2']],
  ['dcs-member of all', ['pg2', 'pg3']],
  ['dcs-minority', ['pg1']],
  ['dcs-quorum', ['pg1', 'pg2']],
  ['dcs-all', ['pg1', 'pg2', 'pg3']],
  ['targets of slow', ['pg3']],
  ['pg2', ['pg2']],
])('of the DCS %s means %j, in the order of its members', async (target, expected) => {
  expect(await names(target)).toEqual(expected);
});

it('dcs-leader while none leads is an error', async () => {
  await expect(names('dcs-leader', '')).rejects.toThrow('no member of the DCS is');
});

it('a step that has not begun has no members', async () => {
  await expect(names('targets of outage')).rejects.toThrow(
    'no member of the DCS is targets of outage',
  );
});
