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
      plain,
    ),
  ).toEqual([
    { name: 'pg1', endpoint, credentials },
    { name: 'pg2', endpoint, credentials },
    { endpoint, credentials },
  ]);
});

test('a string with two hosts is two servers, and cannot have one name', async () => {
  const text = 'postgres://me@a:1,b/app';
  expect((await parseServers([text], plain)).map(nameOf)).toEqual(['a:1', 'b:5432']);
  await expect(parseServers([`pg1=${text}`], plain)).rejects.toThrow(
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
  const refusal = parseServers([text], { HOME: '/nowhere' });
  await expect(refusal).rejects.toThrow(says);
  await expect(refusal).rejects.not.toThrow(/secret/);
});
