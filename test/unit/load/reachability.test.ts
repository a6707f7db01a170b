import { describe, expect, test } from 'vitest';
import type { Reach, RunEvent } from '../../../src/contracts/evidence.ts';
import { unreachableSpans } from '../../../src/judge/availability/unreachable.ts';
import { watchReach, type ReachChange } from '../../../src/load/reachability.ts';
import { Observer } from '../../../src/patroni/observer.ts';
import { knock } from '../../../src/pg/probe-port.ts';
import { waitUntil } from '../../../src/std/wait.ts';
import { topologyOf } from '../../helpers/fake-cluster.ts';
import { listen } from '../../helpers/listen.ts';
import { startPostgres } from '../../helpers/postgres.ts';

const never = new AbortController().signal;
const patient = { timeoutMs: 10_000, signal: never };

describe('probing a server', () => {
  test('is answered by PostgreSQL', async () => {
    await using server = await startPostgres();
    expect(await knock(server.tcpEndpoint, patient)).toBe('answers');
  });

  test('is refused if no server listens, or it closes the connection without an answer', async () => {
    await using mute = await listen((socket) => socket.destroy());
    expect(await knock(mute.endpoint, patient)).toBe('refuses');
    const { endpoint } = mute;
    await mute[Symbol.asyncDispose]();
    expect(await knock(endpoint, patient)).toBe('refuses');
  });

  test('is silent if the connection is accepted but no answer comes', async () => {
    await using mute = await listen();
    expect(await knock(mute.endpoint, { timeoutMs: 100, signal: never })).toBe('silent');
  });

  test('does not mistake its own delay for silence', async () => {
    await using server = await listen((socket) => {
      socket.once('data', () => socket.write('N'));
    });
    const knocking = knock(server.endpoint, { timeoutMs: 200, signal: never });
    const untilMs = performance.now() + 500;
    while (performance.now() < untilMs);
    expect(await knocking).toBe('answers');
  });

  test('returns nothing about the server when it is aborted', async () => {
    await using mute = await listen();
    expect(await knock(mute.endpoint, { ...patient, signal: AbortSignal.abort() })).toBeUndefined();
  });

  test('continues until it is aborted, and reports only changes', { timeout: 60_000 }, async () => {
    const told: ReachChange[] = [];
    const over = new AbortController();
    let isMute = false;
    await using server = await listen((socket) => {
      if (!isMute) socket.once('data', () => socket.write('N'));
    });
    const members = [{ name: 'pg1', endpoint: server.endpoint }];
    const watching = watchReach(members, (change) => told.push(change), over.signal);
    const has = (count: number) => () => told.length === count;
    await waitUntil('the first word is told', has(1), { timeoutMs: 20_000 });
    isMute = true;
    await waitUntil('the silence is told', has(2), { timeoutMs: 20_000 });
    isMute = false;
    await waitUntil('the answer is told', has(3), { timeoutMs: 20_000 });
    over.abort();
    await watching;
    expect(told.map(({ node, reach }) => [node, reach])).toEqual([
      ['pg1', 'answers'],
      ['pg1', 'silent'],
      ['pg1', 'answers'],
    ]);
    expect(told[1]!.agoMs).toBeGreaterThanOrEqual(990);
  });
});

test('a server that gave no answer once does not delay the next probes, and is seen when it is back', async () => {
  await using mute = await listen();
  await using observer = new Observer(mute.endpoint, { user: 'x', database: 'x' });
  const timed = async () => {
    const fromMs = performance.now();
    return [await observer.observe(), performance.now() - fromMs] as const;
  };
  const [[first, firstMs], [second, secondMs]] = [await timed(), await timed()];
  expect([first, second]).toEqual([{ role: 'down' }, { role: 'down' }]);
  expect([firstMs > 500, secondMs < firstMs]).toEqual([true, true]);

  await using server = await startPostgres();
  await using back = new Observer(server.endpoint, server.credentials);
  expect((await back.observe()).role).toBe('primary');
  await server.stop();
  expect((await back.observe()).role).toBe('down');
  await server.start();
  const isBack = async () => (await back.observe()).role === 'primary';
  await waitUntil('the server is seen again', isBack, { timeoutMs: 30_000 });
});

describe('unreachable for clients', () => {
  const originMs = 1_000;
  const told = (atMs: number, reach: Reach, agoMs = 0): RunEvent => ({
    atMs: originMs + atMs,
    type: 'reach',
    node: 'pg1',
    reach,
    agoMs,
  });
  const isDown = (atMs: number, role: 'down' | 'primary' = 'down'): RunEvent => ({
    atMs: originMs + atMs,
    type: 'topology',
    topology: topologyOf({ members: { pg1: { role } } }),
  });
  const spans = (...events: readonly RunEvent[]) =>
    unreachableSpans([isDown(-500, 'primary'), ...events], { originMs, endMs: 40_000 });

  test('is a silent node, from the probe to its next answer', () => {
    expect(
      spans(told(10, 'answers', 5), told(5_200, 'silent', 1_000), told(9_700, 'answers')),
    ).toEqual([{ node: 'pg1', fromMs: 4_200, toMs: 9_700 }]);
  });

  test('lasts to the end if no answer comes', () => {
    expect(spans(told(10, 'answers'), told(5_200, 'silent', 1_000))).toEqual([
      { node: 'pg1', fromMs: 4_200, toMs: 40_000 },
    ]);
  });

  test('is not a server that is down on a host that refuses the connection', () => {
    expect(spans(told(10, 'answers'), told(5_000, 'refuses'), isDown(5_300))).toEqual([]);
    expect(spans(told(10, 'answers'), isDown(5_000), told(5_100, 'refuses'))).toEqual([]);
  });

  test('is a running server for which something else refuses', () => {
    expect(spans(told(10, 'answers'), told(5_000, 'refuses'), told(9_000, 'answers'))).toEqual([
      { node: 'pg1', fromMs: 5_000, toMs: 9_000 },
    ]);
  });

  test('is unknown if no client probed', () => {
    expect(spans()).toBeNull();
  });
});
