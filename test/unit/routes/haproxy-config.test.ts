import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { haproxyConfig } from '../../../src/routes/haproxy-config.ts';
import { serversIn } from '../../../src/routes/haproxy-state.ts';

const nodes = [1, 2, 3].map((n) => ({ name: `pg${n}`, address: `10.0.0.1${n}` }));
const adminSocket = '/run/admin.sock';
const input = (name: string) => readFileSync(new URL(`inputs/${name}`, import.meta.url), 'utf8');

function adapted(text: string) {
  return haproxyConfig(nodes, { adminSocket, own: { file: './haproxy.cfg', text } });
}

describe("HAProxy's configuration", () => {
  test('sends writes to the node that Patroni calls primary, and ends the sessions of one that is down', () => {
    const { text, port, notes } = haproxyConfig(nodes, { adminSocket });
    expect(port).toBe(5000);
    expect(notes).toEqual([]);
    expect(text).toContain('option httpchk OPTIONS /primary');
    expect(text).toContain('on-marked-down shutdown-sessions');
    expect(text).toContain('server pg2 10.0.0.12:5432 maxconn 1000 check port 8008');
  });

  test("of a user keeps its checks and gets the cluster's addresses, and says what was replaced", () => {
    const { text, port, notes } = adapted(input('haproxy.cfg'));
    expect(port).toBe(5000);
    expect(text).toContain(
      'default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions',
    );
    expect(text).toContain('option httpchk GET /primary');
    expect(text).toContain('server pg3 10.0.0.13:5432 check port 8008');
    expect(notes).toEqual(
      nodes.map(
        ({ name, address }) =>
          `./haproxy.cfg: server ${name} ${name}:5432 is ${name} (${address}:5432) here`,
      ),
    );
  });

  test('of a user leaves out what belongs to its own machine, and servers that the cluster lacks', () => {
    const { text, port, notes } = adapted(`
global
    chroot /var/lib/haproxy
    user haproxy
    maxconn 100
defaults
    mode tcp
listen stats
    mode http
    bind *:7000
listen batman
    bind 10.1.2.3:5000   # the VIP
    server db1 10.1.2.11:6432 check port 8009
    server db2 10.1.2.12:6432 check port 8009
    server db3 10.1.2.13:6432 check port 8009
    server db4 10.1.2.14:6432 check port 8009
`);
    expect(port).toBe(5000);
    expect(text).toContain('bind *:5000');
    expect(text).toContain('maxconn 100');
    expect(text).not.toMatch(/chroot|user haproxy|db4|8009/);
    expect(text).toContain('server db1 10.0.0.11:5432 check port 8008');
    expect(notes).toContain('./haproxy.cfg: `chroot /var/lib/haproxy` is left out');
    expect(notes).toContain('./haproxy.cfg: bind 10.1.2.3:5000 is bind *:5000 here');
    expect(notes).toContain(
      './haproxy.cfg: server db4 10.1.2.14:6432 is left out: the cluster has no such node',
    );
  });

  test('of a user without a port for connections is refused', () => {
    expect(() => adapted('listen stats\n  mode http\n  bind *:7000\n')).toThrow(
      './haproxy.cfg: has no `listen` or `frontend` in mode tcp with a port to connect to',
    );
  });

  test("shows each server's state, and none for the rows of its sections", () => {
    const csv = [
      '# pxname,svname,status,check_status',
      'primary,FRONTEND,OPEN,',
      'primary,pg1,UP,L7OK',
      'primary,pg2,DOWN,L7STS',
      'primary,BACKEND,UP,',
    ].join('\n');
    expect(serversIn(csv)).toEqual([
      { name: 'pg1', status: 'UP', check: 'L7OK' },
      { name: 'pg2', status: 'DOWN', check: 'L7STS' },
    ]);
  });
});
