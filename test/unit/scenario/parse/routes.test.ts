import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { scenarioRegistry as registry } from '../../../helpers/scenario-registry.ts';

function parsed(load: string) {
  const text = `name: x\nclaim: It holds.\nload: { duration: 5s, ${load} }\nexpect: { lost: 0 }\n`;
  return parseScenario(text, { file: 'x.yaml', registry }).load;
}

function messages(load: string): string[] {
  try {
    parsed(load);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

const usual = { on25006: 'reconnect' };

describe('the routes of a load', () => {
  test('are absent where nothing is said, and there are 16 clients', () => {
    const load = parsed('rate: 100/s');
    expect('routes' in load).toBe(false);
    expect(load.clients).toBe(16);
  });

  test('have a number of clients or keys of their own, and the clients add up', () => {
    const load = parsed(
      'routes: { direct: 8, app: { via: haproxy, clients: 4, pool: { on25006: none, maxLifetime: 30s } }, list: { via: multi-host, clients: 3, hosts: [pg2, pg1] }, pooled: { via: pgbouncer, clients: 1, pooling: transaction } }',
    );
    expect(load.clients).toBe(16);
    expect(load.routes).toEqual([
      { name: 'direct', via: 'direct', clients: 8, pool: usual },
      {
        name: 'app',
        via: 'haproxy',
        clients: 4,
        pool: { on25006: 'none', maxLifetimeMs: 30_000 },
      },
      {
        name: 'list',
        via: 'multi-host',
        clients: 3,
        pool: usual,
        hosts: ['pg2', 'pg1'],
        targetSession: 'read-write',
        connectTimeoutMs: 2_000,
      },
      {
        name: 'pooled',
        via: 'pgbouncer',
        clients: 1,
        pool: usual,
        pooling: 'transaction',
        leadsTo: 'haproxy',
      },
    ]);
  });

  test('one route for all clients may be a word', () => {
    const load = parsed('clients: 4, route: haproxy');
    expect(load.routes).toEqual([{ name: 'haproxy', via: 'haproxy', clients: 4, pool: usual }]);
  });

  test.each([
    [
      'clients: 10, routes: { direct: 8, haproxy: 4 }',
      'x.yaml:3:32: load.clients: is 10, and the routes have direct 8 + haproxy 4 = 12; leave it out',
    ],
    [
      'routes: { app: 8 }',
      'x.yaml:3:38: load.routes.app: needs via: one of direct, multi-host, haproxy, pgbouncer, address',
    ],
    [
      'routes: { haproxy: { pool: { on25006: none } } }',
      'x.yaml:3:42: load.routes.haproxy: needs clients: how many use it',
    ],
    [
      'routes: { direct: { clients: 8, pooling: session } }',
      'x.yaml:3:64: load.routes.direct.pooling: is a key of pgbouncer, and this route is via direct',
    ],
    [
      'routes: { app: { via: haproksy, clients: 8 } }',
      "x.yaml:3:45: load.routes.app.via: must be one of: direct, multi-host, haproxy, pgbouncer, address, not 'haproksy'; did you mean 'haproxy'?",
    ],
    [
      'routes: { app: { via: haproxy, clients: 8, poool: {} } }',
      "x.yaml:3:66: load.routes.app: unknown key 'poool'; did you mean 'pool'?",
    ],
    [
      'routes: { direct: { clients: 8, pool: { on25006: panic } } }',
      "x.yaml:3:72: load.routes.direct.pool.on25006: must be one of: reconnect, retry, none, not 'panic'",
    ],
    [
      'route: direct, routes: { direct: 8 }',
      'x.yaml:3:30: load.route: cannot be combined with routes',
    ],
    [
      'routes: { address: { clients: 8, node: pg1, host: db } }',
      'x.yaml:3:62: load.routes.address.node: cannot be combined with host',
    ],
  ])('%s is refused with its position', (load, message) => {
    expect(messages(load)).toEqual([message]);
  });
});
