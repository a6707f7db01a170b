import { expect, test } from 'vitest';
import { nameOf, parseDsn } from '../../src/verify/dsn.ts';

test('an address gives host, port, user, password and database, and maybe the name of a node', () => {
  expect(parseDsn('pg1=postgres://me:s%40fe@db.example:6432/app', {})).toEqual({
    name: 'pg1',
    endpoint: { host: 'db.example', port: 6432 },
    credentials: { user: 'me', database: 'app', password: 's@fe' },
  });
});

test('the port is 5432, the database the user, and the password PGPASSWORD where none is given', () => {
  expect(parseDsn('postgresql://me@[::1]', { PGPASSWORD: 'quiet' })).toEqual({
    endpoint: { host: '::1', port: 5432 },
    credentials: { user: 'me', database: 'me', password: 'quiet' },
  });
});

test('a folder in ?host= is a unix socket', () => {
  const server = parseDsn('postgres://me@/app?host=/run/postgresql', {});
  expect([server.endpoint, nameOf(server)]).toEqual([
    { host: '/run/postgresql', port: 5432 },
    '/run/postgresql:5432',
  ]);
});

test.each([
  ['', /not the address/],
  ['mysql://me:secret@host/db', /not the address/],
  ['host=secret dbname=x', /not the address/],
  ['postgres://host/secret', /names no user/],
  ['postgres://me:secret@/db', /names no host/],
])('%s is refused with an example and without the password', (text, says) => {
  expect(() => parseDsn(text, {})).toThrow(says);
  expect(() => parseDsn(text, {})).not.toThrow(/secret/);
});
