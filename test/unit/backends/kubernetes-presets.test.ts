import { expect, test } from 'vitest';
import { kubernetesParams } from '../../../src/backends/kubernetes/params.ts';

const parsed = (given: object) => kubernetesParams.parse({ nodes: ['c-0'], ...given });

/** Labels of pods as each operator's documentation shows them: one with a server, and one of the same cluster without. */
const crunchyLabel = 'postgres-operator.crunchydata.com';
const labels = {
  patroni: [
    { application: 'patroni', 'cluster-name': 'c', role: 'replica' },
    { application: 'pgbouncer', 'cluster-name': 'c' },
  ],
  'cloudnative-pg': [
    { 'cnpg.io/cluster': 'c', 'cnpg.io/podRole': 'instance', 'cnpg.io/instanceRole': 'primary' },
    { 'cnpg.io/cluster': 'c', 'cnpg.io/podRole': 'pooler' },
  ],
  zalando: [
    { application: 'spilo', 'cluster-name': 'c', 'spilo-role': 'master' },
    { application: 'db-connection-pooler', 'cluster-name': 'c' },
  ],
  crunchy: [
    {
      [`${crunchyLabel}/cluster`]: 'c',
      [`${crunchyLabel}/data`]: 'postgres',
      [`${crunchyLabel}/role`]: 'master',
    },
    { [`${crunchyLabel}/cluster`]: 'c', [`${crunchyLabel}/data`]: 'pgbackrest' },
  ],
  percona: [
    {
      [`${crunchyLabel}/cluster`]: 'c',
      [`${crunchyLabel}/data`]: 'postgres',
      [`${crunchyLabel}/role`]: 'primary',
    },
    { [`${crunchyLabel}/cluster`]: 'c', [`${crunchyLabel}/role`]: 'pgbouncer' },
  ],
} as const;

/** An equality selector, as an API server matches it. */
function matches(selector: string, pod: Readonly<Record<string, string>>): boolean {
  return selector.split(',').every((part) => {
    const [key = '', value] = part.split('=');
    return pod[key] === value;
  });
}

test.each(Object.entries(labels))(
  'the preset %s finds servers, and no pooler of the same cluster',
  (preset, pods) => {
    const { selector } = parsed({ preset, cluster: 'c' });
    expect(pods.map((pod) => matches(selector, pod))).toEqual([true, false]);
    expect(matches(parsed({ preset, cluster: 'other' }).selector, pods[0])).toBe(false);
  },
);

test('a preset gives names of containers and Secrets, and each can be said otherwise', () => {
  const zalando = { preset: 'zalando', cluster: 'c' };
  expect(parsed(zalando)).toMatchObject({
    container: 'postgres',
    patroni: 8008,
    credentials: { secret: 'postgres.c.credentials.postgresql.acid.zalan.do', userKey: 'username' },
  });
  expect(parsed({ preset: 'crunchy', cluster: 'hippo' })).toMatchObject({
    container: 'database',
    patroni: false,
    credentials: { secret: 'hippo-pguser-hippo', userKey: 'user' },
  });
  const own = { ...zalando, container: 'pg', credentials: { secret: 'mine' }, patroni: 8009 };
  expect(parsed(own)).toMatchObject({
    container: 'pg',
    patroni: 8009,
    credentials: { secret: 'mine' },
  });
});

test('a preset without Patroni at hand knows where the leader lock is, and a file can say otherwise', () => {
  expect(parsed({ preset: 'cloudnative-pg', cluster: 'c' }).lock).toEqual({ lease: 'c' });
  expect(parsed({ preset: 'percona', cluster: 'c' }).lock).toEqual({ endpoints: 'c-ha' });
  expect(parsed({ preset: 'zalando', cluster: 'c' })).not.toHaveProperty('lock');
  const own = { preset: 'crunchy', cluster: 'c', lock: { configMaps: 'mine' } };
  expect(parsed(own).lock).toEqual({ configMaps: 'mine' });
});

test('a lock in etcd needs the members of etcd', () => {
  const given = { nodes: ['c-0'], preset: 'patroni', cluster: 'c', lock: { etcd: 'c' } };
  const [issue] = kubernetesParams.safeParse(given).error?.issues ?? [];
  expect(issue).toMatchObject({
    path: ['lock', 'etcd'],
    message: 'needs the members of etcd: dcs: [etcd-0.etcd:2379]',
  });
  const dcs = ['etcd-0.etcd:2379'];
  expect(kubernetesParams.parse({ ...given, dcs }).lock).toEqual({ etcd: 'c' });
});

test('parsing what was parsed changes nothing', () => {
  const once = parsed({ preset: 'cloudnative-pg', cluster: 'c', consent: ['sql'] });
  expect(kubernetesParams.parse(once)).toEqual(once);
});

test('without a preset a selector and a Secret are needed, and with one the name of the cluster', () => {
  const said = (given: object) =>
    kubernetesParams
      .safeParse({ nodes: ['c-0'], ...given })
      .error?.issues.map(({ path }) => path.join('.'));
  expect(said({})).toEqual(['selector', 'credentials.secret']);
  expect(said({ preset: 'patroni' })).toEqual(['cluster']);
});

test('CloudNativePG has an authority of its own, which TLS uses unless another is named', () => {
  const given = { preset: 'cloudnative-pg', cluster: 'c' };
  expect(parsed(given).tls).toBeUndefined();
  expect(parsed({ ...given, tls: {} }).tls).toEqual({
    mode: 'verify-full',
    secret: 'c-ca',
    caKey: 'ca.crt',
    serverName: 'c-rw',
  });
  const own = { mode: 'verify-ca', secret: 'mine', caKey: 'root.pem' };
  expect(parsed({ ...given, tls: own }).tls).toEqual({ ...own, serverName: 'c-rw' });
  // As it is kept with a run, and read again.
  const kept = parsed({ ...given, tls: {} });
  expect(kubernetesParams.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
});

test('certificates are verified only where it is said against what', () => {
  const given = { selector: 'app=pg', credentials: { secret: 'pg' } };
  const problems = (tls: object) =>
    kubernetesParams
      .safeParse({ nodes: ['c-0'], ...given, tls })
      .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  expect(problems({ mode: 'require' })).toBeUndefined();
  expect(problems({ mode: 'verify-ca' })?.join()).toMatch(
    /^tls.secret is needed for mode verify-ca/,
  );
  expect(problems({ secret: 'ca' })?.join()).toMatch(/^tls.serverName is needed for verify-full/);
  expect(problems({ secret: 'ca', serverName: 'pg' })).toBeUndefined();
});
