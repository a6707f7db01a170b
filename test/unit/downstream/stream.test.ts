import { expect, test } from 'vitest';
import { ChangeStream } from '../../../src/downstream/stream.ts';
import { listen } from '../../helpers/listen.ts';

/** The first message, by which a client asks for TLS: 8 bytes, and the code 80877103. */
const sslRequest = '0000000804d2162f';

test.each([
  ['verify-full', false, sslRequest],
  ['require', false, sslRequest],
  ['prefer', true, sslRequest],
  ['prefer', false, expect.not.stringContaining(sslRequest) as string],
] as const)('mode %s, where a session was encrypted: %s', async (mode, isEncrypted, begins) => {
  const heard = Promise.withResolvers<string>();
  await using server = await listen((socket) =>
    socket.once('data', (data) => {
      heard.resolve(data.subarray(0, 8).toString('hex'));
      socket.destroy();
    }),
  );
  const stream = new ChangeStream({
    node: { name: 'pg1', ...server.endpoint, tls: { mode } },
    isEncrypted,
    login: { user: 'app', database: 'app', password: 'secret' },
    slot: 'feed',
    publication: 'feed',
    fromLsn: '0/0',
    message: () => Promise.resolve(),
  });
  expect(await heard.promise).toEqual(begins);
  stream.close();
});
