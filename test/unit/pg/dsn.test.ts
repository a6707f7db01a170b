import { expect, test } from 'vitest';
import { nameOf, parseDsn } from '../../../src/pg/dsn.ts';

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

test('parameters count as they do for libpq, before the address and the environment', () => {
  const text =
    'postgres://me:early@db/app?user=you&password=l%26te&port=6432&dbname=other&sslmode=prefer';
  expect(parseDsn(text, { PGPASSWORD: 'quiet', PGUSER: 'nobody' })).toEqual({
    endpoint: { host: 'db', port: 6432 },
    credentials: { user: 'you', database: 'other', password: 'l&te' },
  });
  expect(parseDsn('postgres://me@db/app?password=', { PGPASSWORD: 'quiet' }).credentials).toEqual({
    user: 'me',
    database: 'app',
    password: 'quiet',
  });
});

test.each([
  ['', /not the address/],
  ['mysql://me:secret@host/db', /not the address/],
  ['host=secret dbname=x', /not the address/],
  ['postgres://host/secret', /names no user/],
  ['postgres://me:secret@/db', /names no host/],
  ['postgres://me:secret@host/db?port=99999', /its port is no number from 1 to 65535/],
  ['postgres://me:secret@host/db?sslmode=require', /without TLS, so sslmode can only be disable/],
  ['postgres://me@host/db?passwd=secret', /the parameter 'passwd' is not supported; leave it out/],
  ['postgres://me@host/db?options=-csecret', /'options' is not supported.*host, port, user, pass/],
])('%s is refused with an example and without the password', (text, says) => {
  expect(() => parseDsn(text, {})).toThrow(says);
  expect(() => parseDsn(text, {})).not.toThrow(/secret/);
});
