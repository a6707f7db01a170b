import { describe, expect, test } from 'vitest';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { connect } from '../../src/pg/connect.ts';
import { bootDocker, hasDocker, inEngine } from '../helpers/docker.ts';
import { shape } from '../helpers/local-lab.ts';

describe.skipIf(!hasDocker)('one PostgreSQL without Patroni', () => {
  test('has the same port and all acknowledged rows after SIGKILL and start', async () => {
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

  test('runs the image that was named', async () => {
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
