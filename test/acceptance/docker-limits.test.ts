import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { bootDocker, hasDocker } from '../helpers/docker.ts';
import { injectFault } from '../helpers/inject.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

// Limits of one node's container, and what its processes meet because of them.
describe.skipIf(!hasDocker)('a node in a container', () => {
  let cluster: Cluster;
  let node: Node;

  const owned = ownedBySuite();
  beforeAll(async () => {
    cluster = owned.use(await bootDocker({ nodes: 1 }));
    node = cluster.nodes[0]!;
  });

  /** Of either version of control groups. */
  const throttled = async (): Promise<number> => {
    const { stdout } = await node.shell!.run([
      'sh',
      '-c',
      'cat /sys/fs/cgroup/cpu/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpu.stat',
    ]);
    return Number(/^nr_throttled (\d+)/m.exec(stdout)?.[1]);
  };
  const on = () => [node.name];

  test('has the share of the cores that cpu-pressure leaves, and all of them once healed', async () => {
    const { cores: of } = await node.limits!.look();
    const params = { leave: '2%' };
    const before = await throttled();
    const { detail, heal, lapse } = await injectFault(cluster, 'cpu-pressure', {
      on: on(),
      params,
    });
    const left = of * 0.02;
    expect(detail).toEqual({ cores: { [node.name]: { of, left } } });
    expect((await node.limits!.look()).cores).toBeCloseTo(left);
    await node.shell!.run(['timeout', '3', 'sh', '-c', 'while :; do :; done']);
    expect(await lapse()).toBeUndefined();
    await heal();
    await heal();
    expect(await throttled()).toBeGreaterThan(before);
    expect((await node.limits!.look()).cores).toBe(of);
    expect(await lapse()).toMatch(/may use more cores again/);
  });

  test('loses a backend to the OOM killer under memory-pressure, and recovers once healed', async () => {
    const { memoryBytes } = await node.limits!.look();
    const params = { leave: '24MB' };
    const fault = await injectFault(cluster, 'memory-pressure', { on: on(), params });
    expect(await fault.lapse()).toBeUndefined();
    const large = `SELECT length(string_agg(repeat('x', 1000000), '')) FROM generate_series(1, 80)`;
    const ask = () => node.sql!.query(large, [], { timeoutMs: 90_000 });
    // Not a timeout: the backend is gone, and its connection with it.
    await expect(ask()).rejects.toThrow(/terminated|closed|reset|recovery/i);
    await fault.heal();
    await fault.heal();
    expect((await node.limits!.look()).memoryBytes).toBe(memoryBytes);
    const isBack = async () => {
      const [row] = await ask();
      return Number(row?.length) === 80_000_000;
    };
    await waitUntil('the same statement has the memory that it needs', isBack, {
      timeoutMs: 180_000,
      everyMs: 500,
    });
    expect(await fault.lapse()).toMatch(/may use more memory again/);
  });

  test('with more memory to leave than there is, the injection fails with the figures', async () => {
    const params = { leave: '900GB' };
    await expect(injectFault(cluster, 'memory-pressure', { on: on(), params })).rejects.toThrow(
      /nothing to take: it uses .+ of .+, and leave is 900GB/,
    );
  });
});
