import { expect, test } from 'vitest';
import { identitiesOf, nodeOf } from '../../../src/routes/identity.ts';

const node = (name: string, host: string, port = 5432) => ({
  name,
  endpoint: { host, port },
  observer: { host: '/run/postgresql', port },
});
const credentials = { user: 'postgres', database: 'postgres' };

test('a server is known by its own address; one that has none, or a strange one, is unknown', async () => {
  const known = await identitiesOf(
    [node('pg1', '10.0.0.11'), node('pg2', '10.0.0.12')],
    credentials,
  );
  expect(nodeOf(known, { address: '10.0.0.12', port: 5432 })).toBe('pg2');
  expect(nodeOf(known, { address: '10.0.0.99', port: 5432 })).toBeUndefined();
  expect(nodeOf(known, { address: null, port: null })).toBeUndefined();
});

test('nodes that share an address are told apart by their ports, and never by it alone', async () => {
  const known = await identitiesOf(
    [node('pg1', '127.0.0.1', 5433), node('pg2', '127.0.0.1', 5434)],
    credentials,
  );
  expect(nodeOf(known, { address: '127.0.0.1', port: 5434 })).toBe('pg2');
  expect(nodeOf(known, { address: '127.0.0.1', port: 5432 })).toBeUndefined();
});
