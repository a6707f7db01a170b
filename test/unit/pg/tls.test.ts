import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TlsOptions } from '../../../src/contracts/tls.ts';
import { connect } from '../../../src/pg/connect.ts';
import { type Authority, type Certificate, startAuthority } from '../../helpers/certificates.ts';
import { ownerOfPostgres, type PostgresServer, startPostgres } from '../../helpers/postgres.ts';

/** A server per certificate, and one without TLS. */
interface Servers {
  readonly right: PostgresServer;
  readonly expired: PostgresServer;
  readonly plain: PostgresServer;
}

let resources: AsyncDisposableStack;
let authority: Authority;
let stranger: Authority;
let client: Certificate;
let servers: Servers;

beforeAll(async () => {
  resources = new AsyncDisposableStack();
  authority = resources.use(await startAuthority());
  stranger = resources.use(await startAuthority('Somewhere else'));
  client = await authority.issue('postgres', { keyPassword: 'of the key' });
  const names = ['localhost', 'db.example'];
  servers = {
    right: await startWith(await authority.issue('db.example', { names, ...(await owner()) })),
    expired: await startWith(
      await authority.issue('db.example', { names, isExpired: true, ...(await owner()) }),
    ),
    plain: resources.use(await startPostgres()),
  };
  await allowCertificates(servers.right);
});

afterAll(() => resources.disposeAsync());

async function owner() {
  const account = await ownerOfPostgres();
  return account ? { owner: account } : {};
}

async function startWith({ certificateFile, keyFile }: Certificate): Promise<PostgresServer> {
  return resources.use(
    await startPostgres({
      parameters: {
        ssl: 'on',
        ssl_cert_file: certificateFile,
        ssl_key_file: keyFile,
        ssl_ca_file: authority.rootFile,
      },
    }),
  );
}

/** Database template1: certificates only; postgres: passwords, with TLS or without. */
async function allowCertificates(server: PostgresServer): Promise<void> {
  await writeFile(
    join(server.dataDirectory, 'pg_hba.conf'),
    [
      'local all all trust',
      'hostssl template1 all all cert',
      'host postgres all all scram-sha-256',
      '',
    ].join('\n'),
  );
  await using session = await connect(server.endpoint, server.credentials, limits);
  await session.rows('select pg_reload_conf()');
}

const limits = { connectTimeoutMs: 10_000 };

/** Whether the session is encrypted. */
async function encrypted(
  server: PostgresServer,
  tls: TlsOptions,
  { host = 'localhost', database = 'postgres' } = {},
): Promise<boolean> {
  const endpoint = { ...server.tcpEndpoint, host, tls };
  const credentials = { ...server.credentials, database };
  await using session = await connect(endpoint, credentials, limits);
  const [row] = await session.rows<{ ssl: boolean }>(
    'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
  );
  return row?.ssl ?? false;
}

describe('a server with TLS', () => {
  test('is reached with TLS in every mode except disable and allow', async () => {
    const root = { rootCertificates: authority.root };
    expect(await encrypted(servers.right, { mode: 'disable' })).toBe(false);
    expect(await encrypted(servers.right, { mode: 'allow' })).toBe(false);
    expect(await encrypted(servers.right, { mode: 'prefer' })).toBe(true);
    expect(await encrypted(servers.right, { mode: 'require' })).toBe(true);
    expect(await encrypted(servers.right, { mode: 'verify-ca', ...root })).toBe(true);
    expect(await encrypted(servers.right, { mode: 'verify-full', ...root })).toBe(true);
  });

  test('of another authority is refused by every mode that verifies, including require with roots', async () => {
    const rootCertificates = stranger.root;
    for (const mode of ['require', 'verify-ca', 'verify-full'] as const) {
      await expect(encrypted(servers.right, { mode, rootCertificates })).rejects.toThrow(
        /unable to get local issuer certificate|self.signed certificate/,
      );
    }
  });

  test('under a name that is not in its certificate is refused only by verify-full', async () => {
    const rootCertificates = authority.root;
    const host = '127.0.0.1';
    await expect(
      encrypted(servers.right, { mode: 'verify-full', rootCertificates }, { host }),
    ).rejects.toThrow(/127\.0\.0\.1 is not in the cert's list/);
    expect(await encrypted(servers.right, { mode: 'verify-ca', rootCertificates }, { host })).toBe(
      true,
    );
    // hostaddr: an address to connect to, and another name to verify.
    const serverName = 'db.example';
    expect(
      await encrypted(
        servers.right,
        { mode: 'verify-full', rootCertificates, serverName },
        { host },
      ),
    ).toBe(true);
  });

  test('with an expired certificate is refused by modes that verify, and accepted by the others', async () => {
    const rootCertificates = authority.root;
    for (const mode of ['require', 'verify-ca', 'verify-full'] as const) {
      await expect(encrypted(servers.expired, { mode, rootCertificates })).rejects.toThrow(
        /certificate has expired/,
      );
    }
    expect(await encrypted(servers.expired, { mode: 'require' })).toBe(true);
  });

  test('takes a client certificate with an encrypted key, and refuses a client without one', async () => {
    const { certificate, key } = client;
    const verified = { mode: 'verify-full', rootCertificates: authority.root } as const;
    const database = 'template1';
    expect(
      await encrypted(
        servers.right,
        { ...verified, certificate, key, keyPassword: 'of the key' },
        { database },
      ),
    ).toBe(true);
    await expect(encrypted(servers.right, verified, { database })).rejects.toThrow(
      /client certificate|certificate authentication/,
    );
  });

  test('without roots is refused by a mode that demands them', async () => {
    await expect(encrypted(servers.right, { mode: 'verify-full' })).rejects.toThrow(/certificate/);
  });
});

describe('a server without TLS', () => {
  test('is reached only by the modes that allow it', async () => {
    expect(await encrypted(servers.plain, { mode: 'prefer' })).toBe(false);
    expect(await encrypted(servers.plain, { mode: 'allow' })).toBe(false);
    for (const mode of ['require', 'verify-ca', 'verify-full'] as const) {
      await expect(
        encrypted(servers.plain, { mode, rootCertificates: authority.root }),
      ).rejects.toThrow('The server does not support SSL connections');
    }
  });
});

test('allow falls back to TLS where pg_hba.conf demands it; a wrong password is reported once', async () => {
  const { certificate, key } = client;
  const tls = { mode: 'allow', certificate, key, keyPassword: 'of the key' } as const;
  expect(await encrypted(servers.right, tls, { database: 'template1' })).toBe(true);
  const wrong = { ...servers.right.credentials, password: 'wrong' };
  const endpoint = { ...servers.right.tcpEndpoint, tls: { mode: 'prefer' } as const };
  await expect(connect(endpoint, wrong, limits)).rejects.toMatchObject({ sqlState: '28P01' });
});

test('a Unix socket has no TLS, whatever the mode', async () => {
  const endpoint = { ...servers.plain.endpoint, tls: { mode: 'require' } as const };
  await using session = await connect(endpoint, servers.plain.credentials, limits);
  expect(await session.rows('select 1 as one')).toEqual([{ one: 1 }]);
});
