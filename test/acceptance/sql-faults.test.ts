import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/contracts/cluster.ts';
import { readRejoins } from '../../src/judge/availability/rejoins.ts';
import { connect } from '../../src/pg/connect.ts';
import type { Session } from '../../src/pg/session.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { injectFault, nodeOf } from '../helpers/inject.ts';
import { bootLab, temporaryReports, untilShape } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const reports = temporaryReports();
const startedAt = new Date().toISOString();
const signal = new AbortController().signal;
let cluster: Cluster;

const owned = ownedBySuite();
owned.use(reports);
beforeAll(async () => {
  const patroni = { ttl: 20, loop_wait: 1, retry_timeout: 9, maximum_lag_on_failover: 104857600 };
  cluster = owned.use(await bootLab(reports.folder, { patroni }));
});

const on = ['pg1'];

function open(name = 'test', node = 'pg1'): Promise<Session> {
  return connect(nodeOf(cluster, node).observer, cluster.credentials, {
    connectTimeoutMs: 5_000,
    queryTimeoutMs: 20_000,
    applicationName: name,
  });
}

async function ask(text: string, node = 'pg1'): Promise<unknown> {
  const [row] = await nodeOf(cluster, node).sql!.query(text);
  return Object.values(row ?? {})[0];
}

describe('set-parameter', () => {
  const set = (parameter: string, value: string) =>
    injectFault(cluster, 'set-parameter', { on, params: { parameter, value } });

  test('is in force for a new session, and healing, even twice, restores the value of the file', async () => {
    const { detail, heal } = await set('work_mem', '9MB');
    expect(detail).toEqual({ parameter: 'work_mem', value: '9MB', before: { pg1: '4MB' } });
    expect(await ask('SHOW work_mem')).toBe('9MB');
    await heal();
    await heal();
    await waitUntil('it is back', async () => (await ask('SHOW work_mem')) === '4MB', {
      timeoutMs: 5_000,
    });
    expect(await ask(`SELECT count(*)::int FROM pg_file_settings WHERE name = 'work_mem'`)).toBe(0);
  });

  test('restores the value of an earlier ALTER SYSTEM, including quotes', async () => {
    const odd = `it's "50" %m \\ ; DROP TABLE x -- `;
    const outer = await set('log_line_prefix', odd);
    expect(outer.detail).toMatchObject({ overrides: 'what Patroni writes' });
    const inner = await set('log_line_prefix', 'plain ');
    expect(await ask('SHOW log_line_prefix')).toBe('plain ');
    await inner.heal();
    await waitUntil(
      'the odd value is back',
      async () => (await ask('SHOW log_line_prefix')) === odd,
      {
        timeoutMs: 5_000,
      },
    );
    await outer.heal();
  });

  test('is restored on a server that is just restarting', async () => {
    const params = { parameter: 'work_mem', value: '9MB' };
    const { heal } = await injectFault(cluster, 'set-parameter', { on: ['pg3'], params });
    await nodeOf(cluster, 'pg3').process!.signal('postgres', 'SIGKILL');
    await heal();
    await waitUntil('it is back', async () => (await ask('SHOW work_mem', 'pg3')) === '4MB', {
      timeoutMs: 5_000,
    });
  });

  test('accepts a list of values, and the name of a parameter in any case', async () => {
    const { heal } = await set('Search_Path', 'pg_catalog, public');
    expect(await ask('SHOW search_path')).toBe('pg_catalog, public');
    await heal();
  });

  test('refuses a parameter that a reload cannot change, before it changes anything', async () => {
    const refused = [
      ['shared_buffers', '32MB', 'needs a restart'],
      ['server_version', '1', 'cannot be set at all'],
      ['max_connections', '7', 'needs a restart'],
      ['no_such_thing', '1', 'is not a parameter of this server'],
      ['work_mem', 'plenty', 'invalid value for parameter'],
    ];
    for (const [parameter = '', value = '', why = ''] of refused) {
      await expect(set(parameter, value)).rejects.toThrow(why);
    }
    const left = `SELECT count(*)::int FROM pg_file_settings WHERE sourcefile ~ 'auto.conf$'`;
    expect(await ask(left)).toBe(0);
  });
});

describe('terminate-backends', () => {
  test('ends the sessions of the load and leaves the others', async () => {
    await using load = await open('forkpoint load 0');
    await using other = await open('another client');
    const { detail } = await injectFault(cluster, 'terminate-backends', { on });
    expect(detail).toEqual({ terminated: { pg1: 1 } });
    await expect(load.rows('SELECT 1')).rejects.toThrow();
    expect(await other.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const everybody = { on, params: { whose: 'everybody' } };
    expect((await injectFault(cluster, 'terminate-backends', everybody)).detail).toEqual({
      terminated: { pg1: 1 },
    });
  });

  test('without a session to terminate, the injection has failed', async () => {
    await expect(injectFault(cluster, 'terminate-backends', { on })).rejects.toThrow(
      'no session of the load on pg1',
    );
  });
});

describe('cancel-sync-wait', () => {
  test('a waiting COMMIT succeeds with a warning, and its row is present', async () => {
    await ask('CREATE TABLE waited (id int)');
    const params = { parameter: 'synchronous_standby_names', value: 'none_such' };
    const { heal } = await injectFault(cluster, 'set-parameter', { on, params });
    await using session = await open();
    const warnings: string[] = [];
    session.onNotice(({ message }) => warnings.push(message));
    const written = session.rows('INSERT INTO waited VALUES (1)');
    const short = { on, params: { during: '1500ms', waited: '200ms' } };
    expect((await injectFault(cluster, 'cancel-sync-wait', short)).detail).toEqual({
      cancelled: { pg1: 1 },
    });
    await written;
    await heal();
    expect(warnings).toEqual(['canceling wait for synchronous replication due to user request']);
    expect(await ask('SELECT count(*)::int FROM waited')).toBe(1);
  });

  test('without a waiting COMMIT, the injection has failed', async () => {
    const params = { during: '0s' };
    await expect(injectFault(cluster, 'cancel-sync-wait', { on, params })).rejects.toThrow(
      'no COMMIT waited for a synchronous standby on pg1',
    );
  });
});

describe('schema-change', () => {
  const columns = `SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'forkpoint_20990101t000000z_x."a table"'::regclass AND attnum > 0 AND NOT attisdropped`;
  const indexes = `SELECT count(*)::int FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname LIKE 'fault%' AND indisvalid`;
  const parts = `SELECT count(*)::int FROM pg_inherits`;
  const change = (kind: string) =>
    injectFault(cluster, 'schema-change', { params: { kind, table: 'a table', retry: '1s' } });

  beforeAll(async () => {
    const table = 'forkpoint_20990101t000000z_x."a table"';
    await ask('CREATE SCHEMA forkpoint_20990101t000000z_x');
    await ask(`CREATE TABLE ${table} (writer int, version int) PARTITION BY HASH (writer)`);
    for (const part of [0, 1]) {
      const bound = `FOR VALUES WITH (MODULUS 2, REMAINDER ${part})`;
      await ask(
        `CREATE TABLE ${table.replace('a table', `part ${part}`)} PARTITION OF ${table} ${bound}`,
      );
    }
    await ask(`INSERT INTO ${table} SELECT n, 0 FROM generate_series(1, 100) AS n`);
  });

  test.each([
    ['add-column', columns, 'writer version fault_schema_change_1', 'writer version'],
    ['rewrite-table', columns, 'writer version fault_schema_change_1', 'writer version'],
    ['create-index', indexes, 2, 0],
    ['detach-partition', parts, 1, 2],
  ])('%s changes the table, and can be undone twice', async (kind, question, during, after) => {
    const { heal } = await change(kind);
    expect(await ask(question)).toBe(during);
    await change(kind);
    expect(await ask(question)).toBe(kind === 'detach-partition' ? 0 : during);
    await heal();
    await heal();
    await ask('SELECT 1');
    expect(await ask(question)).toBe(kind === 'detach-partition' ? 1 : after);
  });

  test('a detached partition that others attach again is no longer in force', async () => {
    const { heal, lapse, undos } = await change('detach-partition');
    expect(await lapse()).toBeUndefined();
    const attach = undos.find((undo) => undo.do === 'sql');
    await ask(attach?.do === 'sql' ? attach.text : '');
    expect(await lapse()).toMatch(/ is attached again on pg1: by others, or a failover lost the/);
    await heal();
  });

  test('a missing table is a failed injection', async () => {
    const params = { kind: 'add-column', table: 'nothing', retry: '0s' };
    await expect(injectFault(cluster, 'schema-change', { params })).rejects.toThrow(
      'tried 1 times; last error: the run has no table called nothing',
    );
  });
});

describe('exec', () => {
  test('runs on the node itself, and returns the output', async () => {
    const inject = ['bash', '-c', 'echo $((6 * 7)) >/tmp/harm; cat /tmp/harm'];
    const params = { inject, heal: ['rm', '-f', '/tmp/harm'] };
    const { detail, heal } = await injectFault(cluster, 'exec', { on, params });
    expect(detail).toEqual({ output: { pg1: '42' } });
    await heal();
    await heal();
  });

  test("has the node's context, and heals with it", async () => {
    const script =
      'psql -Atc "SELECT pg_is_in_recovery(), current_setting(\'data_directory\')"; echo $NODE $ROLE $PGDATA; for pid in $POSTGRES_PIDS; do cat /proc/$pid/comm; done | sort -u; readlink /proc/$POSTMASTER_PID/cwd; echo warned >&2';
    const heal = ['bash', '-c', 'echo "$NODE $ROLE $PGDATA" > /run/lab/$NODE/healed'];
    const both = ['pg1', 'pg2'];
    const params = { inject: ['bash', '-c', script], heal };
    const injected = await injectFault(cluster, 'exec', { on: both, params });
    const folder = (node: string) => `/run/lab/${node}/disk/data`;
    const said = (node: string, role: string, isReplica: string) =>
      `${isReplica}|${folder(node)}\n${node} ${role} ${folder(node)}\npostgres\n${folder(node)}`;
    expect(injected.detail).toEqual({
      output: { pg1: said('pg1', 'primary', 'f'), pg2: said('pg2', 'replica', 't') },
      errors: { pg1: 'warned', pg2: 'warned' },
    });
    await injected.heal();
    const { stdout } = await nodeOf(cluster, 'pg2').shell!.run(['cat', '/run/lab/pg2/healed']);
    expect(stdout.trim()).toBe(`pg2 replica ${folder('pg2')}`);
  });

  test('a command of its author says that others undid it', async () => {
    const params = { inject: ['touch', '/tmp/harm'], inForce: ['test', '-e', '/tmp/harm'] };
    const { lapse } = await injectFault(cluster, 'exec', { on, params });
    expect(await lapse()).toBeUndefined();
    await nodeOf(cluster, 'pg1').shell!.run(['rm', '/tmp/harm']);
    expect(await lapse()).toBe('pg1: test -e /tmp/harm found it undone');
  });

  test('an exit code other than 0 is a failed injection, with the output', async () => {
    const params = { inject: ['bash', '-c', 'echo oh no >&2; exit 3'] };
    await expect(injectFault(cluster, 'exec', { on, params })).rejects.toThrow(
      'pg1: bash -c echo oh no >&2; exit 3: exit code 3: oh no',
    );
  });
});

const settled = ['pg1 primary 1', 'pg2 replica 1 streaming', 'pg3 replica 1 streaming'];

test('a frozen server that others continue is no longer in force', async () => {
  const { heal, lapse } = await injectFault(cluster, 'freeze-postgres', { on: ['pg3'] });
  expect(await lapse()).toBeUndefined();
  await nodeOf(cluster, 'pg3').process!.signal('postgres', 'SIGCONT');
  expect(await lapse()).toBe('postgres on pg3 was continued from outside the run');
  await heal();
  await untilShape(cluster, settled);
});

test('restart-postgres resolves when the server is up again, as another process', async () => {
  const started = 'SELECT pg_postmaster_start_time()::text';
  const before = await ask(started, 'pg3');
  await injectFault(cluster, 'restart-postgres', { on: ['pg3'] });
  expect(await ask(started, 'pg3')).not.toBe(before);
  await untilShape(cluster, settled);
});

test('reinitialize clones a replica again, and reports Patroni’s refusal for the leader', async () => {
  const folder = String(await ask('SHOW data_directory', 'pg2'));
  const mark = path.join(folder, 'mark');
  const hasMark = async () =>
    (await nodeOf(cluster, 'pg2').shell!.run(['test', '-e', mark])).exitCode;
  await nodeOf(cluster, 'pg2').shell!.run(['touch', mark]);
  expect(await hasMark()).toBe(0);
  await injectFault(cluster, 'reinitialize', { on: ['pg2'] });
  await waitUntil('the mark is gone', async () => (await hasMark()) === 1, { timeoutMs: 20_000 });
  await untilShape(cluster, settled);
  await expect(injectFault(cluster, 'reinitialize', { on })).rejects.toThrow(/503/);
});

test('pause-patroni starts maintenance mode, and healing ends it', async () => {
  const isPaused = async () => (await cluster.topology(signal)).isPaused;
  const { heal } = await injectFault(cluster, 'pause-patroni');
  expect(await isPaused()).toBe(true);
  await heal();
  await heal();
  expect(await isPaused()).toBe(false);
});

test('failover promotes its candidate', async () => {
  const { detail } = await injectFault(cluster, 'failover', { params: { candidate: 'pg3' } });
  expect(detail).toMatchObject({ from: 'pg1', to: 'pg3' });
  await untilShape(cluster, [
    'pg1 replica 2 streaming',
    'pg2 replica 2 streaming',
    'pg3 primary 2',
  ]);
});

test('failover promotes a replica while there is no leader', async () => {
  const pause = await injectFault(cluster, 'pause-patroni');
  await nodeOf(cluster, 'pg3').process!.signal('postgres', 'SIGKILL');
  await waitUntil(
    'there is no leader',
    async () => (await cluster.topology(signal)).leader === undefined,
    {
      timeoutMs: 30_000,
    },
  );
  const { detail } = await injectFault(cluster, 'failover');
  const { from, to } = detail as { readonly from: null; readonly to: string };
  expect({ from, to }).toEqual({ from: null, to: expect.stringMatching(/^pg[12]$/) as string });
  await pause.heal();
  await untilShape(cluster, ledBy(to, 3));
});

test('rewind makes the leader diverge, and healing it lets the old leader be rewound', async () => {
  const rewind = await injectFault(cluster, 'rewind', { params: { diverge: '500ms' } });
  const { detail, heal, lapse } = rewind;
  expect(await lapse()).toBeUndefined();
  const { oldLeader, newLeader, divergentBytes } = detail as Readonly<
    Record<'oldLeader' | 'newLeader', string>
  > & { readonly divergentBytes: number };
  expect(divergentBytes).toBeGreaterThan(0);
  await heal();
  expect(await lapse()).toBe(`its packet rules on ${oldLeader} were removed from outside the run`);
  await untilShape(cluster, ledBy(newLeader, 4));
  await cluster.collectLogs(path.join(reports.folder, 'logs'));
  const rejoins = readRejoins(reports.folder, startedAt) ?? [];
  const found = rejoins.map(({ node, how, from, forkTimeline }) => {
    return { node, how, from, forkTimeline };
  });
  const rewound = { node: oldLeader, how: 'rewound', from: newLeader, forkTimeline: 3 };
  expect(found).toContainEqual(rewound);
});

function ledBy(leader: string, timeline: number): readonly string[] {
  return ['pg1', 'pg2', 'pg3'].map((node) =>
    node === leader ? `${node} primary ${timeline}` : `${node} replica ${timeline} streaming`,
  );
}
