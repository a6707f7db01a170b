import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pgbouncerConfig, userlist } from '../../../src/routes/pgbouncer-config.ts';

const text = readFileSync(new URL('inputs/pgbouncer.ini', import.meta.url), 'utf8');
const usual = {
  server: { name: 'haproxy1', host: '10.0.0.221', port: 5000 },
  pooling: 'transaction',
  clients: 30,
  authFile: '/run/userlist.txt',
  hasPassword: true,
  user: 'app',
  version: '1.18.0',
} as const;

describe("PgBouncer's configuration", () => {
  test('leads every database to what stands behind it, and has no password in it', () => {
    const made = pgbouncerConfig(usual);
    expect(made.port).toBe(6432);
    expect(made.text).toContain('* = host=10.0.0.221 port=5000');
    expect(made.text).toContain('pool_mode = transaction');
    expect(made.text).toContain('auth_type = scram-sha-256');
    expect(made.text).not.toContain('password');
  });

  test('has a server connection for every client of session pooling: more would wait for good', () => {
    expect(pgbouncerConfig({ ...usual, pooling: 'session' }).text).toContain(
      'default_pool_size = 30',
    );
    expect(pgbouncerConfig(usual).text).toContain('default_pool_size = 20');
  });

  test('of a user is kept but for its addresses, and says what was replaced', () => {
    const made = pgbouncerConfig({ ...usual, own: { file: './pgbouncer.ini', text } });
    expect(made.text).toContain('server_lifetime = 600');
    expect(made.text).toContain('server_reset_query = DISCARD ALL');
    expect(made.text).toContain('default_pool_size = 50');
    expect(made.text).toContain('max_db_connections = 100');
    expect(made.text).not.toContain('max_prepared_statements');
    expect(made.notes).toEqual([
      './pgbouncer.ini: `postgres = host=/var/run/postgresql` leads to haproxy1 (10.0.0.221:5000) here',
      './pgbouncer.ini: `max_prepared_statements = 256` is left out: PgBouncer 1.18.0 has none (1.21 or later)',
    ]);
    const newer = pgbouncerConfig({ ...usual, version: '1.24.1', own: { file: 'x', text } });
    expect(newer.text).toContain('max_prepared_statements = 256');
  });

  test('a password of a database in the file of a user is shown nowhere', () => {
    const own = { file: 'x', text: '[databases]\napp = host=a password=geheim user=b\n' };
    const made = pgbouncerConfig({ ...usual, own });
    expect(JSON.stringify(made)).not.toContain('geheim');
  });

  test('a list of users quotes what is in it', () => {
    expect(userlist('app', 'a"b')).toBe('"app" "a""b"\n');
  });
});
