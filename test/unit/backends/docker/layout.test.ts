import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseCompose, readComposeFile } from '../../../../src/backends/docker/compose-file.ts';
import {
  graceMs,
  isAbandoned,
  isOrphan,
  isOthers,
  ownLabels,
} from '../../../../src/backends/docker/labels.ts';
import { layOut } from '../../../../src/backends/docker/layout.ts';
import { overlaps } from '../../../../src/backends/docker/network.ts';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { requireSupport } from '../../../../src/patroni/dynamic-config.ts';
import type { ClusterSpec } from '../../../../src/contracts/scenario.ts';

test('a service of a compose file takes the given values for its variables', () => {
  const text = `
x-common: &common { image: '\${IMAGE:-usual:1}', cap_add: [NET_ADMIN] }
services:
  pg1:
    <<: *common
    command: [patroni]
    hostname: pg1
    shm_size: 2m
    environment: { PORT: 5432, AT: '\${SUBNET:-10.0.0}.11' }
    networks: { cluster: { ipv4_address: '\${SUBNET:-10.0.0}.11' } }`;
  expect([...parseCompose(text, { SUBNET: '10.9.8' }).values()]).toEqual([
    {
      name: 'pg1',
      image: 'usual:1',
      command: ['patroni'],
      address: '10.9.8.11',
      capabilities: ['NET_ADMIN'],
      tmpfs: [],
      shmBytes: 2_097_152,
      environment: { PORT: '5432', AT: '10.9.8.11' },
    },
  ]);
});

test('a cluster of five nodes has copies of the first node, the DCS of the file and two client sites', async () => {
  const services = await readComposeFile({ FORKPOINT_SUBNET: '10.213.7' });
  const where = { nodes: 5, subnet: '10.213.7' };
  const { layout } = layOut(services, { ...where, hasClientContainers: true });
  const places = (of: keyof typeof layout) =>
    (layout[of] ?? []).map(({ name, address }) => [name, address]);
  expect({ nodes: places('nodes'), dcs: places('dcs'), sites: places('sites') }).toEqual({
    nodes: [1, 2, 3, 4, 5].map((n) => [`pg${n}`, `10.213.7.${10 + n}`]),
    dcs: [1, 2, 3].map((n) => [`etcd${n}`, `10.213.7.${20 + n}`]),
    sites: [
      ['clients', '10.213.7.201'],
      ['minority', '10.213.7.202'],
    ],
  });
});

test('without client containers the only client site is the gateway, which is this host', async () => {
  const services = await readComposeFile({ FORKPOINT_SUBNET: '10.213.7' });
  const where = { nodes: 3, subnet: '10.213.7' };
  const { layout, clients } = layOut(services, { ...where, hasClientContainers: false });
  expect([clients, layout.sites]).toEqual([[], [{ name: 'clients', address: '10.213.7.1' }]]);
});

test('a sink has an address of its own, and its consumers a site that load does not run on', async () => {
  const services = await readComposeFile({ FORKPOINT_SUBNET: '10.213.7' });
  const where = { nodes: 3, subnet: '10.213.7', hasSink: true };
  const asRoot = layOut(services, { ...where, hasClientContainers: true });
  const asUser = layOut(services, { ...where, hasClientContainers: false });
  const names = (places: readonly { readonly name: string }[] = []) =>
    places.map(({ name }) => name);
  expect([names(asRoot.layout.sinks), names(asRoot.clients), names(asRoot.layout.sites)]).toEqual([
    ['sink'],
    ['clients', 'minority'],
    ['clients', 'minority', 'consumers'],
  ]);
  expect([names(asUser.layout.sinks), names(asUser.consumers), names(asUser.layout.sites)]).toEqual(
    [['sink'], [], ['clients']],
  );
});

test('address ranges overlap when one contains the other', () => {
  const cidrs = ['10.213.7.5/24', '10.213.0.0/16', '10.213.8.0/24', '0.0.0.0/0', 'fe80::1/64', ''];
  expect(cidrs.map((cidr) => overlaps('10.213.7', cidr))).toEqual([
    ...[true, true, false, true, false, false],
  ]);
});

test('only what an ended process of this host made is left over', () => {
  const mine = ownLabels('a-run', '/nowhere');
  const before = (key: string, value: string) => isOrphan({ ...mine, [key]: value });
  expect({
    mine: isOrphan(mine),
    ended: before('forkpoint.owner.pid', '4194304'),
    sameNumberLater: before('forkpoint.owner.started', '1'),
    beforeTheReboot: before('forkpoint.owner.boot', 'another'),
    otherHosts: before('forkpoint.owner.host', 'elsewhere'),
    nobodys: isOrphan({}),
  }).toEqual({
    mine: false,
    ended: true,
    sameNumberLater: true,
    beforeTheReboot: true,
    otherHosts: false,
    nobodys: false,
  });
});

test("the lab of another host, or of another reports folder, is not taken for one's own", () => {
  const mine = ownLabels('a-run', '/reports/x/20260101T000000Z');
  expect({
    own: isOthers(mine, '/reports'),
    otherFolder: isOthers(mine, '/elsewhere/reports'),
    beside: isOthers(mine, '/rep'),
    otherHost: isOthers({ ...mine, 'forkpoint.owner.host': 'elsewhere' }, '/reports'),
    unsaid: isOthers(ownLabels('a-run'), '/reports'),
  }).toEqual({ own: false, otherFolder: true, beside: true, otherHost: true, unsaid: true });
});

test('a start removes what a killed run left only when its last event is an hour old, or it has none', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-labels-'));
  const ofDead = (directory: string) => ({
    ...ownLabels('a-run', directory),
    'forkpoint.owner.pid': '4194304',
  });
  writeFileSync(path.join(folder, 'events.jsonl'), '');
  const nowMs = Date.now();
  expect([
    isAbandoned(ofDead(folder), nowMs),
    isAbandoned(ofDead(folder), nowMs + graceMs + 60_000),
    isAbandoned(ofDead('/nowhere'), nowMs),
    isAbandoned(ownLabels('a-run', '/nowhere'), nowMs),
  ]).toEqual([false, true, true, false]);
  rmSync(folder, { recursive: true });
});

test('from Patroni 3.2 on, times that Patroni would raise are refused, and valid times are not', () => {
  const spec: ClusterSpec = {
    nodes: 3,
    topology: 'patroni',
    synchronous: 'off',
    parameters: {},
    convergeMs: 60_000,
    patroni: { ttl: 20, loop_wait: 2, retry_timeout: 5 },
  };
  const low = { ...spec, patroni: { ttl: 5, loop_wait: 1, retry_timeout: 2 } };
  const tight = { ...spec, patroni: { ttl: 20, loop_wait: 10, retry_timeout: 10 } };
  expect(() => requireSupport(low, '3.0.2')).not.toThrow();
  expect(() => requireSupport(spec, '4.0.7')).not.toThrow();
  expect(() => requireSupport(low, '3.2.0')).toThrow(/ttl: 5 is below 20/);
  expect(() => requireSupport(tight, '4.0.7')).toThrow(ScenarioError);
});
