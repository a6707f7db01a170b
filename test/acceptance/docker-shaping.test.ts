import { beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import { bootDocker, hasDocker, inEngine, isRootOnLinux } from '../helpers/docker.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { bytesPerSecond, harm, onNode, roundTripsMs } from '../helpers/wire.ts';

// As root on the engine's host, and through its API as all other users must.
const ways = isRootOnLinux ? ['namespaces', 'engine'] : ['engine'];

describe.skipIf(!hasDocker).each(ways)('shaping of containers, through %s', (way) => {
  let cluster: Cluster;
  let pg1: Node;
  let pg2: Node;
  /** Inside the network: a client of published ports would also measure the engine's proxy. */
  let address: string;

  const owned = ownedBySuite();
  owned.defer(() => {
    delete process.env.FORKPOINT_DOCKER_ACCESS;
  });
  owned.defer(async () => expect(await inEngine()).toEqual([]));
  beforeAll(async () => {
    if (way === 'engine') process.env.FORKPOINT_DOCKER_ACCESS = 'engine';
    cluster = owned.use(await bootDocker({ nodes: 2 }));
    [pg1, pg2] = [cluster.nodes[0]!, cluster.nodes[1]!];
    address = (await pg2.shell!.run(['hostname', '-i'])).stdout.trim();
  });

  /** The least value: on a busy machine the other values measure the machine. */
  const roundTrip = async (count = 9) =>
    Math.min(...(await roundTripsMs(onNode(pg1), address, { count })));

  const observe = async () => {
    const asked = performance.now();
    await cluster.topology(AbortSignal.timeout(10_000));
    return performance.now() - asked;
  };

  test('latency delays what a container sends, and healing restores the network', async () => {
    const before = await roundTrip();
    const harmed = await harm(cluster, 'latency', { delay: '40ms', jitter: '5ms' }, ['pg2']);
    const during = await roundTrip();
    await harmed.heal();
    await harmed.heal();
    const after = await roundTrip();
    const { means } = harmed.detail as { readonly means: Readonly<Record<string, string>> };
    expect({
      isLate: during >= 35 && during < 50,
      isWhole: before < 20 && after < 20,
      isMeansKnown: ['netem', 'a userspace relay'].includes(means.pg2 ?? ''),
    }).toEqual({ isLate: true, isWhole: true, isMeansKnown: true });
  });

  test('bandwidth and latency combine, and the harness still sees the node without delay', async () => {
    const limited = await harm(cluster, 'bandwidth', { limit: '8Mbit/s' }, ['pg2']);
    const late = await harm(cluster, 'latency', { delay: '1s' }, ['pg2']);
    const observedMs = Math.min(await observe(), await observe(), await observe());
    const during = await roundTrip(3);
    await late.heal();
    const own = (await pg1.shell!.run(['hostname', '-i'])).stdout.trim();
    const rate = await bytesPerSecond(onNode(pg2), { place: onNode(pg1), host: own });
    await limited.heal();
    const { stdout } = await pg2.shell!.run(['tc', 'qdisc', 'show', 'dev', 'eth0']);
    expect({
      isLate: during >= 1000,
      isLimited: rate > 0.6e6 && rate < 1.4e6,
      isObservedAtOnce: observedMs < 1000,
      isClean: !stdout.includes('f0f'),
    }).toEqual({ isLate: true, isLimited: true, isObservedAtOnce: true, isClean: true });
  });

  test('killing a node kills its Patroni, but not the relay beside it', async () => {
    const late = await harm(cluster, 'latency', { delay: '50ms' }, ['pg2']);
    await pg2.process!.signal('node', 'SIGKILL');
    const isRelayed = (await pg2.shell!.run(['tc', 'qdisc', 'show', 'dev', 'eth0'])).stdout;
    const relays = (await pg2.shell!.run(['pgrep', '-cx', 'fprelay'])).stdout.trim();
    await pg2.process!.start('node');
    await late.heal();
    const left = (await pg2.shell!.run(['pgrep', '-cx', 'fprelay'])).stdout.trim();
    expect([isRelayed.includes('netem') || relays === '2', left]).toEqual([true, '0']);
  });
});
