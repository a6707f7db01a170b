import { describe, expect, test } from 'vitest';
import external from '../../../../src/backends/external.ts';
import { describeCluster } from '../../../../src/backends/external/describe.ts';
import { clusterOfConnection } from '../../../../src/backends/external/of-connection.ts';
import { resolveConnection } from '../../../../src/pg/libpq/resolve.ts';

const credentials = { user: 'app', password: { file: 'secrets/app' } };
const rest = 'http://10.0.0.1:8008';

function clusterOf(params: object) {
  const described = describeCluster({ credentials, ...params }, '/etc/forkpoint');
  return { ...described, own: { backend: 'external', params: described.params } };
}

describe('a cluster that exists', () => {
  test('has the nodes of its file; paths start at the file', () => {
    const cluster = clusterOf({
      tls: { rootCert: 'ca.pem' },
      nodes: { db1: { host: 'a', patroni: rest }, db2: { host: 'b', patroni: rest } },
    });
    expect(cluster).toMatchObject({
      nodes: 2,
      topology: 'patroni',
      params: {
        credentials: { password: { file: '/etc/forkpoint/secrets/app' } },
        tls: { mode: 'verify-full', rootCert: '/etc/forkpoint/ca.pem' },
      },
    });
    expect(external.nodeNames(cluster)).toEqual(['db1', 'db2']);
  });

  test('with one node and no Patroni is a single server', () => {
    expect(clusterOf({ nodes: { db1: { host: 'a' } } }).topology).toBe('single');
  });

  test('allows nothing that its file does not name, and nothing that it gives no way to', () => {
    const lacks = (params: object) => external.lacks?.(clusterOf(params), { isRoot: false });
    const nodes = { db1: { host: 'a', patroni: rest }, db2: { host: 'b' } };
    const refused = 'its cluster file does not allow it; add';
    const never = {
      clock: expect.stringContaining('never changed') as string,
      dcs: expect.stringContaining('never stopped') as string,
      files: expect.stringContaining('no fault') as string,
      io: expect.stringContaining('no layer') as string,
      power: expect.stringContaining('never cut off') as string,
    };
    expect(lacks({ nodes })).toEqual({
      ...never,
      network: `${refused} network to consent`,
      shaping: `${refused} shaping to consent`,
      disk: `${refused} disk to consent`,
      process: `${refused} process to consent`,
      shell: `${refused} shell to consent`,
      sql: `${refused} sql to consent`,
      patroni: `${refused} patroni to consent`,
      rewind: `${refused} rewind to consent`,
    });
    const consent = ['network', 'sql', 'process', 'shell', 'patroni'];
    const withShell = { db1: { host: 'a', patroni: rest, shell: ['ssh', 'a'] } };
    expect(lacks({ nodes: withShell, consent: [...consent, 'shaping', 'disk', 'rewind'] })).toEqual(
      {
        ...never,
        disk: 'its cluster file names no disks for db1; add disks: { data: FOLDER, wal: FOLDER }',
      },
    );
    expect(lacks({ nodes, consent })).toEqual({
      shaping: `${refused} shaping to consent`,
      disk: `${refused} disk to consent`,
      rewind: `${refused} rewind to consent`,
      ...never,
      network: 'its cluster file names no shell for db1, db2',
      process: 'its cluster file names no shell for db1, db2',
      shell: 'its cluster file names no shell for db1, db2',
      patroni: 'its cluster file names no REST address for db2',
    });
  });
});

describe('the hosts of a connection string', () => {
  test('are nodes named by their hosts, and the password stays out of what a plan keeps', async () => {
    const text = 'postgres://app:secret@db1,db2:5433/shop?sslmode=disable';
    const { params, accesses } = clusterOfConnection(await resolveConnection(text, {}));
    expect(Object.keys(params.nodes)).toEqual(['db1', 'db2']);
    expect(JSON.stringify(params)).not.toContain('secret');
    expect(accesses.map((access) => access.credentials.password)).toEqual(['secret', 'secret']);
  });

  test('without names of their own are numbered', async () => {
    const text = 'host=127.0.0.1,127.0.0.1 port=1,2 user=app sslmode=disable';
    const { accesses } = clusterOfConnection(await resolveConnection(text, {}));
    expect(accesses.map(({ name }) => name)).toEqual(['node1', 'node2']);
  });

  test('that asks for a standby is refused: a load writes', async () => {
    const asked = await resolveConnection(
      'host=a target_session_attrs=standby sslmode=disable',
      {},
    );
    expect(() => clusterOfConnection(asked)).toThrow('asks for a standby, and a load writes');
  });
});
