import { expect, test } from 'vitest';
import type { LabContents } from '../../../../src/contracts/own-patroni.ts';
import { fit } from '../../../helpers/fit-own-patroni.ts';

const first = (text: string, over?: Partial<LabContents>) => fit(text, over).replaced[0];

test.each([
  [
    'addresses',
    'postgresql: { listen: 10.0.0.1:5432 }',
    'postgresql.listen: 10.0.0.1:5432 -> an address in the lab',
  ],
  [
    'paths',
    'postgresql: { data_dir: /pg/data }',
    "postgresql.data_dir: /pg/data -> a folder on the member's own disk",
  ],
  [
    'the DCS',
    'kubernetes: { use_endpoints: true }',
    'kubernetes: {"use_endpoints":true} -> etcd v3, without TLS',
  ],
  ['names', 'scope: batman', 'scope: batman -> forkpoint'],
  [
    'a watchdog',
    'watchdog: { mode: required }',
    'watchdog: {"mode":"required"} -> mode: off: a lab has no watchdog device',
  ],
  ['TLS of the REST interface', 'restapi: { certfile: /a.crt }', 'restapi.certfile: /a.crt -> out'],
  [
    'TLS of the server',
    'postgresql: { parameters: { ssl: on } }',
    'postgresql.parameters.ssl: on -> out: a lab has no TLS without cluster.tls',
  ],
  [
    'certificates of a login',
    'postgresql: { authentication: { replication: { username: r, sslcert: /a } } }',
    'postgresql.authentication.replication.sslcert: /a -> out',
  ],
  [
    'the superuser',
    'postgresql: { authentication: { superuser: { username: admin, password: hunter22 } } }',
    "postgresql.authentication.superuser: admin -> postgres, with the lab's own password",
  ],
  [
    'a script that is not there',
    'postgresql: { callbacks: { on_stop: /pg/bin/cb } }',
    'postgresql.callbacks.on_stop: /pg/bin/cb -> out: there is no program /pg/bin/cb here',
  ],
  [
    'a way to clone that is not there',
    'postgresql: { create_replica_methods: [walg, basebackup], walg: { command: wal-g } }',
    'postgresql.walg: wal-g -> out: there is no program wal-g here',
  ],
  [
    'another way to bootstrap',
    'bootstrap: { method: restore, restore: { command: /r.sh } }',
    'bootstrap.method: restore -> initdb: a lab begins with an empty cluster',
  ],
  [
    'a locale that is not installed',
    'bootstrap: { initdb: [{ locale: de_DE.UTF-8 }] }',
    'bootstrap.initdb[0].locale: de_DE.UTF-8 -> C.UTF-8',
  ],
  [
    'an option of a later initdb',
    'bootstrap: { initdb: [{ locale-provider: builtin }] }',
    'bootstrap.initdb[0].locale-provider: {"locale-provider":"builtin"} -> out: initdb has it from PostgreSQL 17 on',
  ],
  [
    'a library that is not installed',
    'postgresql: { parameters: { shared_preload_libraries: "timescaledb,pg_stat_statements" } }',
    'postgresql.parameters.shared_preload_libraries: timescaledb,pg_stat_statements -> pg_stat_statements',
  ],
  [
    'a parameter of a later PostgreSQL',
    'bootstrap: { dcs: { postgresql: { parameters: { io_method: worker } } } }',
    'bootstrap.dcs.postgresql.parameters.io_method: worker -> out: PostgreSQL 15.20 has no such parameter',
  ],
  [
    'a parameter that Patroni takes from the DCS alone',
    'postgresql: { parameters: { max_connections: 500 } }',
    'postgresql.parameters.max_connections: 500 -> out: Patroni takes it from bootstrap.dcs alone',
  ],
  [
    'an archive',
    'postgresql: { parameters: { archive_command: "cp %p /archive/%f" } }',
    'postgresql.parameters.archive_command: cp %p /archive/%f -> /bin/true',
  ],
  [
    'a key that Patroni ignores',
    'bootstrap: { dcs: { pg_version: 17 } }',
    'bootstrap.dcs.pg_version: 17 -> out: Patroni does not know it',
  ],
  [
    'a watchdog among dynamic settings',
    'bootstrap: { dcs: { watchdog: { mode: off } } }',
    'bootstrap.dcs.watchdog: {"mode":false} -> out: not a dynamic setting: Patroni 3.0 drops the whole',
  ],
  [
    'a node that the lab has not',
    'tags: { replicatefrom: db7 }\npostgresql: {}',
    'tags.replicatefrom: db7 -> out: no node of the lab is called so',
  ],
  [
    'a tag of a later Patroni',
    'tags: { nostream: true }\npostgresql: {}',
    'tags.nostream: true -> out: Patroni ignores it before 4.0',
  ],
])('%s: what a lab runs otherwise is listed', (_what, text, expected) => {
  expect(first(text)).toContain(expected);
});

test('users are made by the file on Patroni 3, and listed on Patroni 4, which makes none', () => {
  const text = 'bootstrap: { users: { app: { password: hunter22, options: [createdb] } } }';
  expect(fit(text).fitted.bootstrap).toEqual({
    users: { app: { password: 'hunter22', options: ['createdb'] } },
  });
  expect(fit(text, { patroni: '4.0.7' }).replaced).toEqual([
    'bootstrap.users: {"app":{"password":"***","options":["createdb"]}} -> out: Patroni makes no users since 4.0',
  ]);
});

test("pg_hba.conf begins with the lab's logins; lines that demand TLS or another server are replaced one by one", () => {
  const { fitted, replaced } = fit(`
postgresql:
  authentication: { replication: { username: standby, password: hunter22 } }
  pg_hba:
  - local all all trust
  - hostssl replication standby all md5
  - hostnossl all all all reject
  - host all all 10.0.0.0 255.0.0.0 ldap ldapserver=ldap.internal
  - host all "app user" samenet scram-sha-256
`);
  expect(fitted.pgHba).toEqual([
    'local all postgres trust',
    'local replication standby trust',
    'host all postgres samenet trust',
    'host replication standby samenet trust',
    'local all all trust',
    'host replication standby all md5',
    'host all all 10.0.0.0 255.0.0.0 scram-sha-256',
    'host all "app user" samenet scram-sha-256',
  ]);
  expect(replaced.slice(0, 3)).toEqual([
    'postgresql.pg_hba[1]: hostssl replication standby all md5 -> host replication standby all md5: a lab has no TLS without cluster.tls, so the line would never match',
    'postgresql.pg_hba[2]: hostnossl all all all reject -> out: would refuse every connection of a lab, which has no Kerberos, and no TLS without cluster.tls',
    'postgresql.pg_hba[3]: host all all 10.0.0.0 255.0.0.0 ldap ldapserver=ldap.internal -> host all all 10.0.0.0 255.0.0.0 scram-sha-256: a lab has nothing that could answer for method ldap',
  ]);
  expect(replaced.at(-1)).toContain("put before your lines, for the lab's own logins");
});

test('with cluster.tls lines that demand TLS stay as they are, and certificates are those of the lab', () => {
  const { fitted, replaced } = fit(
    `
postgresql:
  parameters: { ssl: on, ssl_cert_file: /pg/server.crt }
  pg_hba:
  - hostssl replication standby all md5
  - hostnossl all all all reject
  - hostssl all all all scram-sha-256 clientcert=verify-full
`,
    {},
    true,
  );
  expect(fitted.pgHba?.slice(4)).toEqual([
    'hostssl replication standby all md5',
    'hostnossl all all all reject',
    'hostssl all all all scram-sha-256',
  ]);
  expect(replaced.slice(0, -1).toSorted()).toEqual([
    "postgresql.parameters.ssl: on -> out: cluster.tls: the lab's own certificates",
    "postgresql.parameters.ssl_cert_file: /pg/server.crt -> out: cluster.tls: the lab's own certificates",
    'postgresql.pg_hba[2]: hostssl all all all scram-sha-256 clientcert=verify-full -> hostssl all all all scram-sha-256: a lab has no certificates of clients',
  ]);
});

test.each([
  [
    'a standby cluster',
    'bootstrap: { dcs: { standby_cluster: { host: main, port: 5000 } } }',
    'bootstrap.dcs.standby_cluster: makes a standby cluster',
  ],
  ['Citus', 'citus: { group: 0 }\npostgresql: {}', 'citus: needs the extension Citus'],
  [
    'a placeholder of envsubst',
    'postgresql: { listen: "${IP}:5432" }',
    "postgresql.listen: '${IP}' is taken as it stands: Patroni substitutes no variables",
  ],
  [
    'a placeholder of Jinja',
    'postgresql: { listen: "{{ ip }}:5432" }',
    "postgresql.listen: '{{ ip }}' is taken as it stands",
  ],
  [
    'a number that is none',
    'bootstrap: { dcs: { ttl: soon } }',
    'bootstrap.dcs.ttl: must be a whole number of at least 0',
  ],
  [
    'a slot that Patroni would drop',
    'bootstrap: { dcs: { slots: { cdc: { type: logical } } } }',
    'bootstrap.dcs.slots.cdc: a logical slot needs',
  ],
])('%s: no lab can run it, and it is refused', (_what, text, expected) => {
  expect(fit(text).refused[0]).toContain(expected);
});

test('what a lab can run as it is, is listed nowhere', () => {
  const { fitted, replaced, refused } = fit(`
bootstrap:
  dcs:
    ttl: 20
    synchronous_mode: on
    maximum_lag_on_syncnode: -1
    postgresql: { use_pg_rewind: true, parameters: { max_connections: 200, archive_mode: on } }
  initdb: [data-checksums, { encoding: UTF8 }]
postgresql:
  parameters: { work_mem: 8MB }
  callbacks: { on_role_change: /usr/bin/logger role }
tags: { nofailover: false, spec: 4C.8G }
`);
  expect([replaced, refused]).toEqual([[], []]);
  expect(fitted).toMatchObject({
    dynamic: {
      ttl: 20,
      maximum_lag_on_syncnode: -1,
      postgresql: {
        use_pg_rewind: true,
        parameters: { max_connections: '200', archive_mode: 'on' },
      },
    },
    synchronous: 'on',
    parameters: { work_mem: '8MB' },
    postgresql: { callbacks: { on_role_change: '/usr/bin/logger role' } },
    initdb: ['data-checksums', { encoding: 'UTF8' }],
    tags: { nofailover: false, spec: '4C.8G' },
  });
});

test("a variable that Patroni would read from this environment is listed: a lab's members do not inherit it", () => {
  expect(fit('postgresql: {}').fitted.replaced).toEqual([
    expect.objectContaining({ key: 'PATRONI_SCOPE', line: null }),
  ]);
});
