import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import { readRejoins, rejoinsOf } from '../../../../src/judge/availability/rejoins.ts';
import rejoined from '../../../../src/checks/rejoined.ts';
import { measuredRun } from '../../../helpers/result.ts';

const startedAt = '2026-11-20T21:00:00.000Z';
const times = { startedAt, skews: [] };

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

test('a rewind has its source, its fork point, and the checkpoint it went back to', () => {
  expect(rejoinsOf('pg1', rewound.split('\n'), times)).toEqual([
    {
      node: 'pg1',
      how: 'rewound',
      at: '2026-11-20T21:00:51.386Z',
      from: 'pg3',
      ms: 2340,
      forkTimeline: 1,
      forkLsn: '0/5162118',
      rewoundTo: '0/3000080',
      said: null,
    },
  ]);
});

test('a failed rewind and the following clone are two rejoins, and the first clone of a node is none', () => {
  expect(rejoinsOf('pg2', failedThenCloned.split('\n'), times)).toEqual([
    {
      node: 'pg2',
      how: 'rewindFailed',
      at: '2026-11-20T21:00:49.186Z',
      from: 'pg3',
      ms: 183,
      forkTimeline: 1,
      forkLsn: '0/5162118',
      rewoundTo: null,
      said: 'could not open file "/data/pg_wal/000000010000000000000004": No such file or directory',
    },
    {
      node: 'pg2',
      how: 'cloned',
      at: '2026-11-20T21:00:55.000Z',
      from: null,
      ms: null,
      forkTimeline: null,
      forkLsn: null,
      rewoundTo: null,
      said: null,
    },
  ]);
});

test('the log lines of an earlier run in the same lab do not count', () => {
  expect(
    rejoinsOf('pg1', rewound.split('\n'), { ...times, startedAt: '2026-11-20T22:00:00.000Z' }),
  ).toEqual([]);
});

test.each([
  ['1', 'exit code 1'],
  ['-15', 'ended by signal 15 before it was done, as Patroni does to cancel it'],
])('a rewind without output has its exit code %s as the reason', (code, said) => {
  const log = rewound
    .replace('exit code=0', `exit code=${code}`)
    .replace(/stderr=(.*\n)*/, 'stderr=\n');
  expect(rejoinsOf('pg1', log.split('\n'), times)).toMatchObject([{ how: 'rewindFailed', said }]);
});

/** The clock of pg1 was skewed at 21:00:30 and reset at 21:01:00. */
function skewedEvents(byMs: number): RunEvent[] {
  return [
    { atMs: 30_000, type: 'undo', id: 'skew', step: { do: 'resetClock', node: 'pg1' } },
    { atMs: 30_100, type: 'injected', id: 'skew', detail: { skewed: ['pg1'], byMs } },
    { atMs: 60_000, type: 'healed', id: 'skew' },
    { atMs: 90_000, type: 'phase', phase: 'load', edge: 'end' },
  ];
}

const shifted = (log: string, hour: string) =>
  log.replaceAll(/2026-11-20 21(?=:00:[45])/g, `2026-11-20 ${hour}`);

test.each([
  [-3_600_000, '20'],
  [3_600_000, '22'],
])('a rewind under a clock that a fault moved by %i ms belongs to this run', (byMs, hour) => {
  withLogs({ pg1: shifted(rewound, hour) }, (directory) => {
    const found = readRejoins(directory, startedAt, skewedEvents(byMs));
    const at = `2026-11-20T${hour}:00:51.386Z`;
    expect(found).toMatchObject([{ node: 'pg1', how: 'rewound', at, ms: 2340 }]);
  });
});

test('after a fault set a clock back, log lines of an earlier run still do not count', () => {
  const earlier = rewound.replaceAll('2026-11-20 21:00', '2026-11-20 20:00');
  const between = '2026-11-20 20:40:00,000 INFO: no action. I am (pg1), the leader with the lock\n';
  const own = shifted(failedThenCloned, '20').split('\n').slice(1).join('\n');
  withLogs({ pg1: earlier + between + own }, (directory) => {
    const found = readRejoins(directory, startedAt, skewedEvents(-3_600_000)) ?? [];
    expect(found.map(({ how }) => how)).toEqual(['rewindFailed', 'cloned']);
  });
});

test('a rewind during which a clock jumped by an unknown time has an unknown duration', () => {
  const jumped = rewound.replace('2026-11-20 21:00:49,046', '2026-11-20 21:30:49,046');
  expect(rejoinsOf('pg1', jumped.split('\n'), times)).toMatchObject([{ how: 'rewound', ms: null }]);
});

test('rejoins are in the order in which they happened, whatever the clocks showed', () => {
  withLogs({ pg1: shifted(rewound, '22'), pg2: failedThenCloned }, (directory) => {
    const found = readRejoins(directory, startedAt, skewedEvents(3_600_000)) ?? [];
    expect(found.map(({ node, how }) => `${node} ${how}`)).toEqual([
      ...['pg2 rewindFailed', 'pg1 rewound', 'pg2 cloned'],
    ]);
  });
});

function withLogs(logs: Readonly<Record<string, string>>, look: (directory: string) => void): void {
  const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-rejoins-'));
  try {
    for (const [node, log] of Object.entries(logs)) {
      mkdirSync(path.join(directory, 'logs', node), { recursive: true });
      writeFileSync(path.join(directory, 'logs', node, 'patroni.log'), log);
    }
    look(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('logs are read oldest first, all nodes together by time; without logs the rejoins are unknown', () => {
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

test('the check rejoined holds if every node that came back did so that way', () => {
  const rejoins = rejoinsOf('pg2', failedThenCloned.split('\n'), times);
  const evidence = { plan: {} as never, events: [], result: measuredRun({ rejoins }) };
  expect(rejoined.check(evidence, 'cloned')).toEqual({
    status: 'pass',
    summary: 'rejoined: pg2 failed to rewind, pg2 cloned again (demanded: cloned)',
    measured: ['cloned'],
  });
  expect(rejoined.check(evidence, 'rewound').status).toBe('fail');
  expect(rejoined.check({ ...evidence, result: measuredRun({ rejoins: null }) }, 'none')).toEqual({
    status: 'unknown',
    summary: "rejoined: Patroni's logs are missing",
    measured: null,
  });
});
