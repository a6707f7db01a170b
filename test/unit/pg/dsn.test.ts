import { expect, test } from 'vitest';
import { nameOf, parseServers } from '../../../src/pg/dsn.ts';

const plain = { PGSSLMODE: 'disable' };

test('a connection string gives host, port, user, password, database and perhaps the name of a node', async () => {
  const credentials = { user: 'me', database: 'app', password: 's@fe' };
  const endpoint = { host: 'db.example', port: 6432 };
  expect(
    await parseServers(
      [
        'pg1=postgres://me:s%40fe@db.example:6432/app',
        'pg2=host=db.example port=6432 user=me dbname=app password=s@fe',
        'host=db.example port=6432 user=me dbname=app password=s@fe',
      ],
      { environment: plain },
    ),
  ).toEqual([
    { name: 'pg1', endpoint, credentials },
    { name: 'pg2', endpoint, credentials },
    { endpoint, credentials },
  ]);
});

test('a string with two hosts is two servers, and cannot have one name', async () => {
  const text = 'postgres://me@a:1,b/app';
  expect((await parseServers([text], { environment: plain })).map(nameOf)).toEqual([
    'a:1',
    'b:5432',
  ]);
  await expect(parseServers([`pg1=${text}`], { environment: plain })).rejects.toThrow(
    "--dsn: 'pg1' is one node, but the string has 2 hosts",
  );
});

test.each([
  ['mysql://me:secret@host/db', /^--dsn: not a connection string/],
  ['postgres://me:secret@host/db?port=99999', /port: not a number from 1 to 65535/],
  ['postgres://me:secret@host/db?sslmode=verify-full', /needs the root certificate/],
  ['postgres://me:secret@host/db?target_session_attrs=primary', /but every host is read/],
  ['postgres://me:secret@host/db?require_auth=scram-sha-256', /'require_auth' is not supported: /],
])('%s is refused without the password', async (text, says) => {
  const refusal = parseServers([text], { environment: { HOME: '/nowhere' } });
  await expect(refusal).rejects.toThrow(says);
  await expect(refusal).rejects.not.toThrow(/secret/);
});

test('a variable of another name is said once for all strings that use it, and not where a string overrides it', async () => {
  const environment = { ...plain, DB_USER: 'me', DB_PASSWORD: 'secret', DB_PORT: '6432' };
  const said: string[] = [];
  const note = (sentence: string): void => void said.push(sentence);
  const texts = ['host=a port=1', 'postgres://b:2/app'];
  const servers = await parseServers(texts, { environment, note });
  expect(servers.map(({ credentials }) => credentials.user)).toEqual(['me', 'me']);
  expect(said).toEqual([
    'DB_USER is used; its name in libpq is PGUSER',
    'DB_PASSWORD is used; its name in libpq is PGPASSWORD',
  ]);
});
