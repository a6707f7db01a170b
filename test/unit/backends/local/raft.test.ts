import { describe, expect, it } from 'vitest';
import { memberConfig } from '../../../../src/patroni/member-config.ts';
import { refusalOfSteps } from '../../../helpers/refusal-of-steps.ts';

describe('a lab with raft in place of etcd, or with a standby cluster', () => {
  it('refuses faults on members of the DCS, and a standby cluster, before anything boots', () => {
    const ofMembers = refusalOfSteps(['at: 5s, fault: dcs-loss'], '{ dcs: raft }');
    expect(ofMembers).toMatch(/control over dcs: these faults are etcd's.*use dcs: etcd/);
    const following = refusalOfSteps([], '{ dcs: raft, standby: { nodes: 1 } }');
    expect(following).toMatch(/cluster.standby: .*cluster.dcs is raft; use dcs: etcd/);
    expect(refusalOfSteps([], '{ dcs: raft }')).toBeUndefined();
    expect(refusalOfSteps([], '{ standby: { nodes: 1 } }')).toBeUndefined();
  });

  it('promotes no standby cluster where there is none', () => {
    const refused = refusalOfSteps(['at: 5s, fault: promote-standby-cluster']);
    expect(refused).toMatch(/write cluster: \{ standby: \{ nodes: 1 \} \}/);
    expect(refusalOfSteps(['at: 5s, fault: kill-node, target: standby-cluster'])).toMatch(
      /this cluster has no standby cluster/,
    );
  });

  it('gives Patroni no address of its own in raft, so that it does not vote', () => {
    const place = {
      name: 'pg1',
      address: '10.77.0.11',
      folder: '/run/lab/pg1',
      socketFolder: '/run/lab/pg1',
      postgresFolder: '/usr/lib/postgresql/15/bin',
      dcs: ['10.77.0.11:2379', '10.77.0.12:2379'],
      network: '10.77.0.0/24',
      ports: { postgres: 5432, patroni: 8008 },
    };
    const config = JSON.parse(memberConfig({ ...place, isRaft: true }, {})) as object;
    expect(config).toMatchObject({
      raft: { partner_addrs: place.dcs, data_dir: '/run/lab/pg1/raft' },
    });
    expect(config).not.toHaveProperty('raft.self_addr');
    expect(config).not.toHaveProperty('etcd3');
    expect(JSON.parse(memberConfig(place, {}))).toMatchObject({ etcd3: { hosts: place.dcs } });
  });
});
