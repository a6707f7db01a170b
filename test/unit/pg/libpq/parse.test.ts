import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConnectionString } from '../../../../src/pg/libpq/parse.ts';

const parsed = (text: string) => Object.fromEntries(parseConnectionString(text));

describe('a connection URI', () => {
  test.each([
    [
      'postgres://me:s%40fe@db:6432/app',
      { user: 'me', password: 's@fe', host: 'db', port: '6432', dbname: 'app' },
    ],
    ['postgresql://', {}],
    ['postgresql://db', { host: 'db' }],
    [
      'postgresql://me@[2001:db8::1]:5433/app',
      { user: 'me', host: '2001:db8::1', port: '5433', dbname: 'app' },
    ],
    ['postgresql://%2Frun%2Fpostgresql/app', { host: '/run/postgresql', dbname: 'app' }],
    ['postgresql:///app?host=/run/postgresql', { host: '/run/postgresql', dbname: 'app' }],
    [
      'postgresql://a,b/app?target_session_attrs=primary',
      { host: 'a,b', dbname: 'app', target_session_attrs: 'primary' },
    ],
    ['postgresql://a:1,b:2,[::1]/app', { host: 'a,b,::1', port: '1,2,', dbname: 'app' }],
    ['postgresql://me@db?ssl=true', { user: 'me', host: 'db', sslmode: 'require' }],
    [
      'postgresql://me:early@db?password=l%26te&user=you',
      { user: 'you', password: 'l&te', host: 'db' },
    ],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test('keeps a plus sign in a password, which is no space to libpq', () => {
    expect(parsed('postgresql://db?password=a+b').password).toBe('a+b');
  });
});

describe('keyword=value pairs', () => {
  test.each([
    ['host=db port=6432', { host: 'db', port: '6432' }],
    ["  host = db   user = 'it\\'s me' password='' ", { host: 'db', user: "it's me" }],
    ['host=db password=a\\ b\\\\c', { host: 'db', password: 'a b\\c' }],
    ["options='-c geqo=off'", { options: '-c geqo=off' }],
    ['host= user=me', { host: 'user=me' }],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test('any value survives quoting', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const text = `host=db password='${value.replace(/[\\']/g, '\\$&')}' user=me`;
        expect(parsed(text)).toEqual({ host: 'db', password: value, user: 'me' });
      }),
    );
  });
});

test('any value survives percent-encoding', () => {
  const value = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(value, value, (user, password) => {
      const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
      expect(parsed(`postgresql://${login}@db/app`)).toEqual({
        user,
        password,
        host: 'db',
        dbname: 'app',
      });
    }),
  );
});

test.each([
  ['', 'the connection string is empty'],
  ['db.example', 'not a connection string'],
  ['mysql://me:secret@db/app', 'not a connection string'],
  ["host=db password='secret", "the value of 'password' is not complete"],
  ["host=db password='secret'x user=me", "the value of 'password' is not complete"],
  ['host=db passwort=secret', "'passwort' is no connection parameter; did you mean 'password'?"],
  [
    'postgresql://db?passwd=secret',
    "'passwd' is no connection parameter; did you mean 'password'?",
  ],
  ['postgresql://me:secret%zz@db', 'password: percent-encoding that is not valid'],
  ['postgresql://db?user=me&secret!', "the parameter '...' has no value"],
  ['postgresql://[::1/app', "needs a closing ']'"],
])('%s is refused without the password', (text, says) => {
  expect(() => parsed(text)).toThrow(says);
  expect(() => parsed(text)).not.toThrow(/secret/);
});
