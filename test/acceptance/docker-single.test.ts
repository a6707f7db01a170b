import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { openEngine } from '../../src/backends/docker/engine.ts';
import { bootSingle } from '../../src/backends/docker/single.ts';
import { EnvironmentError } from '../../src/errors.ts';
import { connect } from '../../src/pg/connect.ts';
import { bootDocker, hasDocker, inEngine } from '../helpers/docker.ts';
import { shape, threeNodes } from '../helpers/local-lab.ts';

describe.skipIf(!hasDocker)('one PostgreSQL without Patroni', () => {
  test('after SIGKILL and start it is at the same port with what it had acknowledged', async () => {
    const cluster = await bootDocker({ nodes: 1, topology: 'single', patroni: {} });
    const [pg1] = cluster.nodes;
    const open = () => connect(pg1!.endpoint, cluster.credentials, { connectTimeoutMs: 5_000 });
    {
      await using session = await open();
      await session.rows('CREATE TABLE kept AS SELECT 42 AS answer');
    }
    await pg1!.process!.signal('postgres', 'SIGKILL');
    expect(await shape(cluster)).toEqual(['pg1 down']);
    await pg1!.process!.start('postgres');
    expect(await shape(cluster)).toEqual(['pg1 primary 1']);
    {
      await using session = await open();
      expect(await session.rows('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    }
    expect(pg1!.network).toBeUndefined();
    await cluster[Symbol.asyncDispose]();
    expect(await inEngine(cluster.id)).toEqual([]);
  });

  test('a port that another program has is an error that says so, and leaves nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const options = {
      ...{ id: `test-${process.pid}-port`, directory: tmpdir(), log: () => undefined },
      spec: { ...threeNodes, nodes: 1, topology: 'single' as const, patroni: {} },
      signal: new AbortController().signal,
    };
    const boot = bootSingle(options, () => Promise.resolve(port));
    await expect(boot).rejects.toThrow(EnvironmentError);
    await expect(boot).rejects.toThrow(/start pg1.*Another program has this port/);
    expect(await inEngine(options.id)).toEqual([]);
    other.close();
  });

  test('an image that is asked for by name is the one that runs', async () => {
    const [repo, tag] = ['forkpoint-test', String(process.pid)];
    const engine = openEngine();
    await engine.getImage('forkpoint-cluster:pg17').tag({ repo, tag });
    const image = `${repo}:${tag}`;
    {
      const single = { nodes: 1, topology: 'single', patroni: {} } as const;
      await using cluster = await bootDocker(single, undefined, image);
      const container = engine.getContainer(`forkpoint-${cluster.id}-pg1`);
      expect((await container.inspect()).Config.Image).toBe(image);
    }
    await engine.getImage(image).remove();
  });
});
