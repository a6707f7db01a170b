import { createServer, type AddressInfo } from 'node:net';
import { beforeAll, expect, it } from 'vitest';
import { readClusterSettings } from '../../../src/run/read-settings.ts';
import { fakeCluster, fakeNode } from '../../helpers/fake-cluster.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';
import { scriptedShell } from '../../helpers/shells.ts';

let server: PostgresServer;
const signal = new AbortController().signal;

const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' }, hasChecksums: true }));
});

function clusterOf(...endpoints: readonly { readonly host: string; readonly port: number }[]) {
  const { credentials } = server;
  const nodes = endpoints.map((observer, index) => ({ ...fakeNode(`pg${index + 1}`), observer }));
  return { ...fakeCluster(), credentials, nodes };
}

const all = {
  parameters: { synchronous_commit: 'local', no_such_parameter: '1', work_mem: '4MB' },
};

it('returns the settings of a real server, without those that it does not know', async () => {
  const { members, manager, asked } = await readClusterSettings(
    ...([clusterOf(server.endpoint), all, signal] as const),
  );
  expect([manager, asked]).toEqual([{ kind: 'none' }, all.parameters]);
  expect(members).toEqual([
    {
      node: 'pg1',
      role: 'primary',
      hasWatchdogDevice: true,
      types: {
        synchronous_commit: { vartype: 'enum', unit: '', source: 'default' },
        work_mem: { vartype: 'integer', unit: 'kB', source: 'default' },
      },
      parameters: {
        archive_mode: 'off',
        data_checksums: 'on',
        data_sync_retry: 'off',
        fsync: 'off',
        full_page_writes: 'on',
        hot_standby_feedback: 'off',
        max_slot_wal_keep_size: '-1',
        server_version: expect.stringMatching(/^\d+/) as string,
        synchronous_commit: 'on',
        synchronous_standby_names: '',
        wal_keep_size: '0',
        wal_level: 'replica',
        wal_log_hints: 'off',
        work_mem: '4MB',
        wal_sync_method: 'fdatasync',
        wal_writer_delay: '200ms',
      },
    },
  ]);
});

it('reports a node and a Patroni that do not answer, without failing', async () => {
  const rude = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  const { port } = rude.address() as AddressInfo;
  const cluster = {
    ...clusterOf(server.endpoint, { host: '127.0.0.1', port }),
    patroni: {
      config: () => Promise.reject(new Error('no member accepted the request')),
    } as unknown as NonNullable<ReturnType<typeof fakeCluster>['patroni']>,
  };
  const { members, manager } = await readClusterSettings(cluster, { parameters: {} }, signal);
  await new Promise((resolve) => rude.close(resolve));
  expect(members.map(({ node, role }) => [node, role])).toEqual([
    ['pg1', 'primary'],
    ['pg2', 'unknown'],
  ]);
  expect(members[1]?.problem).toMatch(/^127\.0\.0\.1:\d+: /);
  expect(manager).toEqual({
    kind: 'unknown',
    reason: 'Patroni did not answer: no member accepted the request',
  });
});

it('does not take a cluster that it did not make for one without a failover manager', async () => {
  const { patroni: _patroni, ...made } = clusterOf(server.endpoint);
  const asked = { parameters: {} };
  const foreign = { minFreeConnections: 5 };
  const [own, other] = await Promise.all([
    readClusterSettings(made, asked, signal),
    readClusterSettings({ ...made, foreign }, asked, signal),
  ]);
  expect([own.manager.kind, other.manager.kind]).toEqual(['none', 'unknown']);
});

it("compares tags, pg_hba.conf and roles with the user's own configuration, and stores none of its secrets", async () => {
  const cluster = {
    ...clusterOf(server.endpoint),
    patroni: {
      config: () => Promise.resolve({}),
      status: () => Promise.resolve({ tags: { spec: '4C' } }),
    } as unknown as NonNullable<ReturnType<typeof fakeCluster>['patroni']>,
    asked: {
      pgHba: ['local all all hunter22'],
      roles: ['postgres', 'standby'],
      members: {
        pg1: {
          tags: { spec: '4C', nofailover: true, nosync: false },
          parameters: { work_mem: '8MB', log_line_prefix: 'hunter22' },
        },
      },
      mask: (text: string) => text.replaceAll('hunter22', '***'),
    },
  };
  const { own, members } = await readClusterSettings(cluster, { parameters: {} }, signal);
  expect(own?.problems).toEqual([]);
  expect(own?.differences).toEqual([
    { node: 'pg1', setting: 'tag nofailover', asked: 'true', found: 'false' },
    {
      node: 'pg1',
      setting: 'pg_hba',
      asked: 'local all all ***',
      found: expect.stringMatching(/^(?:local|host)\b/) as string,
    },
    { node: 'pg1', setting: 'role standby', asked: 'made', found: 'none' },
  ]);
  expect(members[0]?.asked).toEqual({ work_mem: '8MB', log_line_prefix: '***' });
  expect(members[0]?.parameters.work_mem).toBe('4MB');
});

it("reads TCP's own parameters as the server has them, not as a Unix socket shows them", async () => {
  await using tcp = await startPostgres({ parameters: { tcp_keepalives_idle: '900' } });
  const { credentials, endpoint } = tcp;
  const nodes = [{ ...fakeNode('pg1'), observer: endpoint }];
  const asked = { parameters: { tcp_keepalives_idle: '900' } };
  const found = await readClusterSettings({ ...fakeCluster(), credentials, nodes }, asked, signal);
  expect(found.members[0]?.parameters.tcp_keepalives_idle).toBe('900');
});

it('looks for the watchdog that a node names in place of the usual device', async () => {
  const asked: string[] = [];
  const shell = scriptedShell((argv) => {
    asked.push(argv.join(' '));
    return { exitCode: argv.includes('/lab/pg1/watchdog') ? 0 : 1 };
  });
  const looked = async (more: { readonly watchdogDevice?: string }) => {
    const cluster = clusterOf(server.endpoint);
    const nodes = cluster.nodes.map((node) => ({ ...node, shell, ...more }));
    const { members } = await readClusterSettings({ ...cluster, nodes }, all, signal);
    return members[0]?.hasWatchdogDevice;
  };
  expect(await looked({ watchdogDevice: '/lab/pg1/watchdog' })).toBe(true);
  expect(await looked({})).toBe(false);
  expect(asked).toEqual(['test -e /lab/pg1/watchdog', 'test -e /dev/watchdog']);
});
