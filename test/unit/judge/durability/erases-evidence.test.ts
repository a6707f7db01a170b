import { expect, test } from 'vitest';
import { erasesEvidence } from '../../../../src/judge/durability/erases-evidence.ts';

function member(node: string, kept: string) {
  return { node, role: 'replica' as const, parameters: { wal_keep_size: kept } };
}

test('settings that rewind or remove an old primary, and little kept WAL, are named; others are not', () => {
  const settings = {
    schemaVersion: 1,
    isComplete: false,
    asked: {},
    members: [member('pg1', '0'), member('pg2', '128MB')],
    manager: {
      kind: 'patroni',
      config: {
        postgresql: { use_pg_rewind: true, remove_data_directory_on_rewind_failure: true },
      },
    },
  } as never;
  expect(erasesEvidence(settings)).toEqual([
    expect.stringMatching(/^use_pg_rewind: .*its WAL past the fork is gone/),
    'remove_data_directory_on_rewind_failure: the data directory of an old primary is removed, not only rewound',
    'wal_keep_size 0 on pg1: WAL around a fork is recycled after the next checkpoints; 128MB or more keeps it longer',
  ]);
});
