import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConnection } from '../../../../src/pg/libpq/resolve.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fp-libpq-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileWith(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

const withoutTls = { PGSSLMODE: 'disable' };

async function firstHost(text: string | undefined, environment: NodeJS.ProcessEnv = {}) {
  const { hosts } = await resolveConnection(text, { ...withoutTls, ...environment });
  return hosts[0];
}

test('the string counts before the service file, that before the environment, and that before defaults', async () => {
  const PGSERVICEFILE = await fileWith(
    'services',
    '# ours\n[other]\nhost=wrong\n[app]\nhost=service\nport=1111\nuser=service\n\n[app]\nhost=second\n',
  );
  const environment = {
    PGSERVICEFILE,
    PGHOST: 'env',
    PGPORT: '2222',
    PGUSER: 'env',
    PGDATABASE: 'env',
  };
  expect(await firstHost('service=app user=me', environment)).toEqual({
    endpoint: { host: 'service', port: 1111 },
    credentials: { user: 'me', database: 'env' },
  });
  expect(
    await firstHost(undefined, { PGHOST: 'env', PGSERVICE: 'app', PGSERVICEFILE }),
  ).toMatchObject({
    endpoint: { host: 'service' },
  });
  expect(await firstHost('host=db')).toEqual({
    endpoint: { host: 'db', port: 5432 },
    credentials: { user: userInfo().username, database: userInfo().username },
  });
});

test('DATABASE_URL is the string where none is given', async () => {
  const DATABASE_URL = 'postgres://me@url/app';
  expect((await firstHost(undefined, { DATABASE_URL }))?.endpoint.host).toBe('url');
  expect((await firstHost('host=given', { DATABASE_URL }))?.endpoint.host).toBe('given');
});

test('names of other load clients count where libpq has none, with a note', async () => {
  const { hosts, notes } = await resolveConnection(undefined, {
    DB_HOST: 'db',
    DB_PORT: '6432',
    DB_USER: 'me',
    DB_PASSWORD: 'secret',
    DB_NAME: 'app',
    DB_SSL_MODE: 'disable',
    PGPORT: '5433',
  });
  expect(hosts).toEqual([
    {
      endpoint: { host: 'db', port: 5433 },
      credentials: { user: 'me', database: 'app', password: 'secret' },
    },
  ]);
  expect(notes).toContain('DB_HOST is used; its name in libpq is PGHOST');
  expect(notes.join()).not.toMatch(/secret|DB_PORT/);
});

test('DATABASE_URL and a service count before names of other load clients, which are then not said to be used', async () => {
  const PGSERVICEFILE = await fileWith('names', '[app]\nport=1111\n');
  const { hosts, notes } = await resolveConnection(undefined, {
    ...withoutTls,
    DATABASE_URL: 'postgres://url:of-url@url/app?service=app',
    PGSERVICEFILE,
    DB_HOST: 'other',
    DB_PORT: '6432',
    DB_USER: 'other',
    DB_PASSWORD: 'other',
    DB_NAME: 'other',
    DB_SSL_MODE: 'require',
  });
  expect(hosts).toEqual([
    {
      endpoint: { host: 'url', port: 1111 },
      credentials: { user: 'url', database: 'app', password: 'of-url' },
    },
  ]);
  expect(notes).toEqual([]);
});

test('a list of hosts has one port or one each, and addresses with the names that TLS verifies', async () => {
  const { hosts } = await resolveConnection(
    'host=a,b hostaddr=10.0.0.1,10.0.0.2 port=1,2 target_session_attrs=read-write load_balance_hosts=random',
    {},
  );
  expect(hosts.map(({ endpoint }) => endpoint)).toEqual([
    { host: '10.0.0.1', port: 1, tls: { mode: 'prefer', serverName: 'a' } },
    { host: '10.0.0.2', port: 2, tls: { mode: 'prefer', serverName: 'b' } },
  ]);
  await expect(resolveConnection('host=a,b port=1,2,3', {})).rejects.toThrow('2 hosts and 3 ports');
  await expect(resolveConnection('host=a hostaddr=1.1.1.1,2.2.2.2', {})).rejects.toThrow(
    '1 hosts and 2 addresses',
  );
});

describe('a password file', () => {
  test('has a password per host, counts after PGPASSWORD, and is localhost for a Unix socket', async () => {
    const PGPASSFILE = await fileWith(
      'pgpass',
      'a:*:*:me:of a\nb:5432:app:*:of\\:b\nlocalhost:*:*:me:of the socket\n',
    );
    const passwords = async (text: string, environment = {}) =>
      (await resolveConnection(text, { PGPASSFILE, ...environment })).hosts.map(
        ({ credentials }) => credentials.password,
      );
    expect(await passwords('host=a,b,c user=me dbname=app')).toEqual(['of a', 'of:b', undefined]);
    expect(await passwords('host=/run/postgresql user=me')).toEqual(['of the socket']);
    expect(await passwords('host=a user=me', { PGPASSWORD: 'other' })).toEqual(['other']);
  });

  test('that others may read, or that is not there, is refused', async () => {
    const open = await fileWith('open', 'a:*:*:me:x\n', 0o644);
    await expect(resolveConnection('host=a', { PGPASSFILE: open })).rejects.toThrow(
      `others may read it, so it is not used; run: chmod 600 ${open}`,
    );
    await expect(resolveConnection('host=a passfile=/nowhere', {})).rejects.toThrow(
      /password file: ENOENT/,
    );
  });
});

test('options are settings of the session; what forkpoint must set itself is refused', async () => {
  const text = String.raw`host=db options='-c geqo=off --work-mem=4MB -csearch\\ x=1'`;
  await expect(firstHost(text)).rejects.toThrow("only '-c name=value'");
  expect(
    (
      await firstHost(
        String.raw`host=db options='-c geqo=off --work-mem=4MB -c a.b=x\\ y' application_name=mine`,
      )
    )?.credentials,
  ).toMatchObject({
    settings: { geqo: 'off', work_mem: '4MB', 'a.b': 'x y' },
    applicationName: 'mine',
  });
  await expect(firstHost("host=db options='-c client_min_messages=error'")).rejects.toThrow(
    'client_min_messages cannot be set',
  );
});

test.each([
  [{ PGHOST: '' }, undefined, 'no host: give one'],
  [{ PGREQUIREAUTH: 'none' }, 'host=db', "'require_auth' is not supported"],
  [{}, 'host=db gssencmode=require', "'gssencmode' can only be disable or prefer"],
  [{}, 'host=db sslmode=verify', "sslmode: unknown value; did you mean 'verify-ca'?"],
  [{}, 'host=db connect_timeout=soon', 'connect_timeout: not a whole number of seconds'],
  [{}, 'host=db target_session_attrs=leader', 'target_session_attrs: unknown value'],
  [{}, 'host=db service=missing', "service 'missing': no such section"],
  [{}, 'host=db sslrootcert=system sslmode=require', 'demands sslmode=verify-full'],
  [{}, 'host=db sslmode=verify-full sslrootcert=/nowhere', /sslrootcert: ENOENT/],
  [{}, 'host=db sslmode=require sslkey=/nowhere', 'sslkey is given without a certificate'],
  [{}, 'host=db sslnegotiation=direct', 'direct cannot fall back'],
])('%j and %s: %s', async (environment, text, says) => {
  await expect(resolveConnection(text, environment)).rejects.toThrow(says);
});

test('a key that others may read is refused', async () => {
  const certificate = await fileWith('client.crt', 'certificate');
  const key = await fileWith('client.key', 'key', 0o644);
  const text = `host=db sslmode=require sslcert=${certificate} sslkey=${key}`;
  await expect(resolveConnection(text, {})).rejects.toThrow(
    `sslkey: others may read ${key}; run: chmod 600 ${key}`,
  );
  await chmod(key, 0o600);
  expect((await resolveConnection(text, {})).hosts[0]?.endpoint.tls).toEqual({
    mode: 'require',
    certificate: 'certificate',
    key: 'key',
  });
});
