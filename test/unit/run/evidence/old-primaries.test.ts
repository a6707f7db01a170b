import { expect, test } from 'vitest';
import { OldPrimaries } from '../../../../src/run/evidence/old-primaries.ts';
import { topologyOf } from '../../../helpers/fake-cluster.ts';

const promoted = { role: 'primary', timeline: 2 } as const;
const down = { role: 'down', timeline: undefined } as never;

test('a leader that streams its WAL on is no old primary', () => {
  const old = new OldPrimaries();
  expect([...old.looked(topologyOf()), ...old.looked(topologyOf())]).toEqual([]);
});

test('a primary that is gone is said once, when another node is primary', () => {
  const old = new OldPrimaries();
  old.looked(topologyOf());
  const gone = topologyOf({ leader: 'pg2', members: { pg1: down } });
  expect(old.looked(gone)).toEqual([]);
  const failedOver = topologyOf({ leader: 'pg2', members: { pg1: down, pg2: promoted } });
  const pg1 = { node: 'pg1', timeline: 1, successor: 'pg2', newTimeline: 2, isPrimary: false };
  expect(old.looked(failedOver)).toEqual([pg1]);
  expect(old.looked(failedOver)).toEqual([]);
});

test('an isolated primary is said again when it was demoted: it may have acknowledged more', () => {
  const old = new OldPrimaries();
  old.looked(topologyOf());
  const both = topologyOf({ leader: 'pg2', members: { pg2: promoted } });
  expect(old.looked(both).map(({ isPrimary }) => isPrimary)).toEqual([true]);
  expect(old.looked(both)).toEqual([]);
  const demoted = topologyOf({
    leader: 'pg2',
    members: { pg1: { role: 'replica', timeline: 1 }, pg2: promoted },
  });
  expect(old.looked(demoted).map(({ isPrimary }) => isPrimary)).toEqual([false]);
});

test('a node that follows the new timeline has nothing left to take', () => {
  const old = new OldPrimaries();
  old.looked(topologyOf());
  const rewound = { role: 'replica', timeline: 2 } as const;
  expect(
    old.looked(topologyOf({ leader: 'pg2', members: { pg1: rewound, pg2: promoted } })),
  ).toEqual([]);
});

test('a new primary whose lock the old one takes back is the old primary', () => {
  const old = new OldPrimaries();
  old.looked(topologyOf());
  old.looked(topologyOf({ leader: 'pg2', members: { pg1: down, pg2: promoted } }));
  const stolen = topologyOf({ leader: 'pg1', members: { pg2: promoted } });
  expect(old.looked(stolen)).toMatchObject([{ node: 'pg2', timeline: 2, successor: 'pg1' }]);
});
