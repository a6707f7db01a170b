import { expect, test } from 'vitest';
import external from '../../../../src/backends/external.ts';
import local from '../../../../src/backends/local.ts';
import { parseClusterFile } from '../../../../src/scenario/parse/parse-cluster-file.ts';

const backends = new Map([
  ['external', external],
  ['local', local],
]);
const parsed = (text: string) => parseClusterFile(text, { file: 'c.yaml', backends });

const good = `backend: external
consent: [sql, process]
credentials: { user: app, database: shop, password: { env: SHOP_PASSWORD } }
nodes:
  db1: { host: 10.0.0.1, patroni: "https://10.0.0.1:8008", shell: [ssh, root@db1] }
  db2: { host: 10.0.0.2, port: 5433 }
`;

test('a cluster file names nodes, logins and what is allowed there', () => {
  expect(parsed(good).own).toEqual({
    backend: 'external',
    params: {
      consent: ['sql', 'process'],
      credentials: { user: 'app', database: 'shop', password: { env: 'SHOP_PASSWORD' } },
      nodes: {
        db1: {
          host: '10.0.0.1',
          port: 5432,
          patroni: 'https://10.0.0.1:8008',
          shell: ['ssh', 'root@db1'],
          addresses: [],
        },
        db2: { host: '10.0.0.2', port: 5433, addresses: [] },
      },
      dcs: [],
      proxies: {},
      minFree: 5,
    },
  });
});

test.each([
  ['', 'c.yaml:1:1: a cluster file is a mapping'],
  [
    'backend: extern\n',
    "c.yaml:1:10: backend: there is no backend for clusters that exist 'extern'; did you mean 'external'?",
  ],
  ['backend: local\n', "there is no backend for clusters that exist 'local'"],
  [
    good.replace('consent', 'consents'),
    "c.yaml:2:1: unknown key 'consents'; did you mean 'consent'?",
  ],
  [
    good.replace('{ env: SHOP_PASSWORD }', 'secret'),
    'c.yaml:3:53: credentials.password: write { env: NAME } or { file: PATH }',
  ],
  [good.replace('db1:', 'leader:'), 'leader'],
  [good.replace('process', 'everything'), 'c.yaml:2:16: consent[1]'],
  [
    good.replace('process', 'clock'),
    'consent[1]: the clock is that of a machine which is not ours',
  ],
  [
    `${good}proxies: { db1: { host: 10.0.0.1, shell: [ssh, a] } }\n`,
    'proxies.db1: is a node already: a proxy on the machine of a node is met with the node',
  ],
  [`${good}proxies: { lb1: { host: 10.0.0.9 } }\n`, 'proxies.lb1.shell'],
  [`${good}dcs: [etcd1]\n`, 'dcs[0]: must be host:port, such as etcd1:2379'],
  [`${good}sites: { minority: { shell: [ssh, a] } }\n`, "sites: unknown key 'minority'"],
  [good.replace('https:', 'ftp:'), 'must be an address: https://db1:8008'],
])('%j is refused with the place', (text, says) => {
  expect(() => parsed(text)).toThrow(says);
  expect(() => parsed(text)).not.toThrow(/secret/);
});
