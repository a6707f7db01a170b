import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readRejoins, rejoinsOf } from '../../src/evidence/rejoins.ts';
import rejoined from '../../src/checks/rejoined.ts';
import { measuredRun } from '../helpers/result.ts';

const startedAt = '2026-11-20T21:00:00.000Z';

// As Patroni 3.0.2 wrote it.
const rewound = `2026-11-20 21:00:02,034 INFO: initialized a new cluster
2026-11-20 21:00:49,003 INFO: running pg_rewind from pg3
2026-11-20 21:00:49,046 INFO: running pg_rewind from dbname=postgres user=postgres host=10.77.0.13 port=5432 target_session_attrs=read-write
2026-11-20 21:00:50,938 INFO: running pg_rewind from pg3 in progress
2026-11-20 21:00:51,386 INFO: pg_rewind exit code=0
2026-11-20 21:00:51,386 INFO:  stdout=
2026-11-20 21:00:51,386 INFO:  stderr=pg_rewind: servers diverged at WAL location 0/5162118 on timeline 1
pg_rewind: rewinding from last common checkpoint at 0/3000080 on timeline 1
pg_rewind: Done!

2026-11-20 21:00:51,387 WARNING: Postgresql is not running.
`;

const failedThenCloned = `2026-11-20 21:00:02,000 INFO: replica has been created using basebackup
2026-11-20 21:00:49,003 INFO: running pg_rewind from pg3
2026-11-20 21:00:49,186 INFO: pg_rewind exit code=1
2026-11-20 21:00:49,186 INFO:  stdout=
2026-11-20 21:00:49,186 INFO:  stderr=pg_rewind: servers diverged at WAL location 0/5162118 on timeline 1
pg_rewind: error: could not open file "/data/pg_wal/000000010000000000000004": No such file or directory
pg_rewind: fatal: could not find previous WAL record at 0/5162118

2026-11-20 21:00:49,200 ERROR: Failed to rewind from healty primary: pg3
2026-11-20 21:00:55,000 INFO: replica has been created using basebackup
`;

test('a rewind is told with its source, its fork, and the checkpoint it went back to', () => {
  expect(rejoinsOf('pg1', rewound, startedAt)).toEqual([
    {
      ...{ node: 'pg1', how: 'rewound', at: '2026-11-20T21:00:51.386Z', from: 'pg3', ms: 2340 },
      ...{ forkTimeline: 1, forkLsn: '0/5162118', rewoundTo: '0/3000080', said: null },
    },
  ]);
});

test('a rewind that failed and the clone that followed are two, and the first clone of a node is none', () => {
  expect(rejoinsOf('pg2', failedThenCloned, startedAt)).toEqual([
    {
      ...{ node: 'pg2', how: 'rewindFailed', at: '2026-11-20T21:00:49.186Z', from: 'pg3', ms: 183 },
      ...{ forkTimeline: 1, forkLsn: '0/5162118', rewoundTo: null },
      said: 'could not open file "/data/pg_wal/000000010000000000000004": No such file or directory',
    },
    {
      ...{ node: 'pg2', how: 'cloned', at: '2026-11-20T21:00:55.000Z', from: null, ms: null },
      ...{ forkTimeline: null, forkLsn: null, rewoundTo: null, said: null },
    },
  ]);
});

test('what an earlier run in the same lab left in the log is not of this run', () => {
  expect(rejoinsOf('pg1', rewound, '2026-11-20T22:00:00.000Z')).toEqual([]);
});

test('logs are read oldest first, all nodes together by time; without logs nobody knows', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-rejoins-'));
  try {
    expect(readRejoins(directory, startedAt)).toBeNull();
    mkdirSync(path.join(directory, 'logs', 'dcs1'), { recursive: true });
    expect(readRejoins(directory, startedAt)).toBeNull();
    for (const [node, log] of Object.entries({ pg1: rewound, pg2: failedThenCloned })) {
      const folder = path.join(directory, 'logs', node);
      mkdirSync(folder);
      const [first = '', ...rest] = log.split('\n');
      writeFileSync(path.join(folder, 'patroni.log.1'), `${first}\n`);
      writeFileSync(path.join(folder, 'patroni.log'), rest.join('\n'));
    }
    const found = readRejoins(directory, startedAt) ?? [];
    expect(found.map(({ node, how }) => `${node} ${how}`)).toEqual([
      ...['pg2 rewindFailed', 'pg1 rewound', 'pg2 cloned'],
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('rejoined holds when every node that came back came back that way', () => {
  const rejoins = rejoinsOf('pg2', failedThenCloned, startedAt);
  const evidence = { plan: {} as never, result: measuredRun({ rejoins }) };
  expect(rejoined.check(evidence, 'cloned')).toEqual({
    status: 'pass',
    summary: 'rejoined: pg2 failed to rewind, pg2 cloned anew (demanded: cloned)',
    measured: ['cloned'],
  });
  expect(rejoined.check(evidence, 'rewound').status).toBe('fail');
  expect(rejoined.check({ ...evidence, result: measuredRun({ rejoins: null }) }, 'none')).toEqual({
    ...{ status: 'unknown', summary: "rejoined: Patroni's logs are not there", measured: null },
  });
});
