import { beforeAll, expect, test } from 'vitest';
import { waitUntil } from '../../../src/std/wait.ts';
import { type Authority, startAuthority } from '../../helpers/certificates.ts';
import { startPipeline, type Pipeline } from '../../helpers/consumer.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { ownerOfPostgres } from '../../helpers/postgres.ts';

let pipeline: Pipeline;
let authority: Authority;
const owned = ownedBySuite();
beforeAll(async () => {
  authority = owned.use(await startAuthority());
  const owner = await ownerOfPostgres();
  const names = ['127.0.0.1'];
  const server = await authority.issue('pg1', { names, ...(owner && { owner }) });
  const parameters = {
    ssl: 'on',
    ssl_cert_file: server.certificateFile,
    ssl_key_file: server.keyFile,
  };
  pipeline = owned.use(await startPipeline({ parameters }));
});

test('a consumer that verifies the server delivers over TLS, by its stream, too', async () => {
  const tls = { mode: 'verify-full', rootCertificates: authority.root } as const;
  await using feed = await pipeline.feed('verified', { tls });
  const consumer = feed.consumer();
  await consumer.line('streaming');
  await feed.insert(0, 9);
  expect(await feed.delivered(10)).toHaveLength(10);
  const streams = await pipeline.source.rows<{ ssl: boolean }>(
    'SELECT ssl FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)',
  );
  expect(streams).toEqual([{ ssl: true }]);
});

test('a server of another authority gets nothing of a consumer that verifies it, and the consumer says why', async () => {
  await using stranger = await startAuthority('Somewhere else');
  const tls = { mode: 'verify-ca', rootCertificates: stranger.root } as const;
  await using feed = await pipeline.feed('refused', { tls });
  const consumer = feed.consumer();
  const said = await waitUntil(
    'the consumer has tried',
    () => consumer.lines.find(({ type }) => type === 'retry'),
    { timeoutMs: 30_000 },
  );
  expect(said).toMatchObject({ waitsFor: 'source' });
  expect(JSON.stringify(said)).toContain('unable to verify the first certificate');
});
