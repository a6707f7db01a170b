import { Resolver } from 'node:dns/promises';
import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import { answerTo, type NameFile } from '../../../../src/backends/local/name-server.ts';

const zone = { 'pg1.forkpoint.test': '10.77.0.11' };

/** Asks as Node's resolver does, over UDP; the asker has the address 127.0.0.1. */
async function ask(changes: readonly NameFile[], name = 'pg1.forkpoint.test', type = 'A') {
  const server = createSocket('udp4').unref();
  server.on('message', (question: Buffer, from) => {
    const answer = answerTo(question, from.address, { zone, changes });
    if (!answer) return;
    setTimeout(() => server.send(answer.message, from.port, from.address), answer.delayMs);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 5_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  const beganMs = performance.now();
  try {
    const got = await resolver.resolve(name, type);
    return { got, tookMs: performance.now() - beganMs };
  } catch (error) {
    return { got: (error as NodeJS.ErrnoException).code, tookMs: performance.now() - beganMs };
  } finally {
    server.close();
  }
}

const changed = (change: NameFile['change'], asker = '127.0.0.1'): NameFile => ({
  name: 'pg1.forkpoint.test',
  askers: [asker],
  change,
});

test.each([
  {
    what: 'a name of the zone, in any case',
    changes: [],
    name: 'PG1.forkpoint.test',
    got: ['10.77.0.11'],
  },
  { what: 'a name that is not in it', changes: [], name: 'pg9.forkpoint.test', got: 'ENOTFOUND' },
  { what: 'a name that is gone', changes: [changed({ kind: 'gone' })], got: 'ENOTFOUND' },
  {
    what: 'a name that leads elsewhere',
    changes: [changed({ kind: 'wrong', address: '10.77.0.12' })],
    got: ['10.77.0.12'],
  },
  {
    what: 'a name that is gone for someone else',
    changes: [changed({ kind: 'gone' }, '10.77.0.201')],
    got: ['10.77.0.11'],
  },
])('$what is answered with $got', async ({ changes, name, got }) => {
  expect((await ask(changes, name)).got).toEqual(got);
});

test('a slow name is answered late, and rightly', async () => {
  const { got, tookMs } = await ask([changed({ kind: 'slow', delayMs: 300 })]);
  expect(got).toEqual(['10.77.0.11']);
  expect(tookMs).toBeGreaterThanOrEqual(299);
});

test('a name has no address of the other family, which is not the same as no such name', async () => {
  expect((await ask([], 'pg1.forkpoint.test', 'AAAA')).got).toBe('ENODATA');
});

test.each([
  ['nothing', ''],
  ['a header alone', '000100000001000000000000'],
  ['a label that is cut off', '0001000000010000000000003f61'],
  ['an answer', '000180000001000000000000016100000100010000'],
])('%s is no question, and gets no answer', (_what, hex) => {
  expect(answerTo(Buffer.from(hex, 'hex'), '10.0.0.1', { zone, changes: [] })).toBeUndefined();
});
