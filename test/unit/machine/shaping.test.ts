import { expect, test } from 'vitest';
import { scriptedShell } from '../../helpers/shells.ts';
import type { ExecResult } from '../../../src/contracts/shell.ts';
import { shapingControl } from '../../../src/machine/shaping.ts';
import { arpMatch, portMatches } from '../../../src/machine/shaping-exempt.ts';
import { applyShapeScript, totalOf } from '../../../src/machine/shaping-scripts.ts';

test('delays of several tags add up, and the lowest rate counts', () => {
  expect([
    totalOf([{ delayMs: 40, jitterMs: 5 }, { bytesPerSecond: 2000 }, { delayMs: 10 }]),
    totalOf([{ bytesPerSecond: 2000 }, { bytesPerSecond: 1000 }]),
    totalOf([{}]),
    totalOf([]),
  ]).toEqual([
    { delayMs: 50, jitterMs: 5, bytesPerSecond: 2000 },
    { delayMs: 0, jitterMs: 0, bytesPerSecond: 1000 },
    undefined,
    undefined,
  ]);
});

test('netem is inside the limiter, and has a rate with jitter, which keeps packets in order', () => {
  const script = applyShapeScript(
    { delayMs: 40, jitterMs: 10, bytesPerSecond: 1e6 },
    {
      device: 'eth0',
      exempt: [],
      hasRelay: true,
    },
  );
  const queues = script.split('\n').filter((line) => /tbf rate|delay 40ms/.test(line));
  expect(queues.map((line) => line.trim())).toEqual([
    'tc qdisc replace dev eth0 parent f0f0:2 handle f0f2: tbf rate 8000000bit burst 10000 latency 200ms',
    'if said=$(tc qdisc add dev eth0 parent f0f2:1 handle f0f3: netem limit 100000 delay 40ms 10ms rate 100gbit 2>&1); then',
  ]);
});

test('exempt packets are matched by address and port, and ARP by the requested address', () => {
  expect([...portMatches('sport', 8008, '10.77.0.1'), arpMatch('10.77.0.1')]).toEqual([
    'protocol ip prio 1 u32 match ip dst 10.77.0.1/32 match ip protocol 6 0xff match ip sport 8008 0xffff',
    'protocol arp prio 2 u32 match u32 0x0a4d0001 0xffffffff at 24',
  ]);
});

/** A node whose shell answers each command with the next of these. */
function nodeAnswering(...answers: readonly Partial<ExecResult>[]) {
  const asked: string[] = [];
  const rest = [...answers];
  const control = shapingControl({
    name: 'pg1',
    folder: '/nowhere',
    exempt: [],
    shell: scriptedShell((argv) => {
      asked.push(argv[2] ?? '');
      return rest.shift() ?? {};
    }),
  });
  return { control, asked };
}

test('a tag gets its own means, not those of another tag', async () => {
  const written = { stdout: '{"delayMs":40}\n{"bytesPerSecond":1000}\n' };
  const inForce = { stdout: 'tbf\na userspace relay\n' };
  const { control } = nodeAnswering(written, inForce, written, inForce);
  expect([
    await control.shape('slow', { delayMs: 40 }),
    await control.shape('narrow', { bytesPerSecond: 1000 }),
  ]).toEqual(['a userspace relay', 'tbf']);
});

test('a missing means is an error that names the node and the means', async () => {
  const said = 'no netem (Error: Specified qdisc kind is unknown.), and no python3';
  const { control } = nodeAnswering(
    { stdout: '{"delayMs":40}' },
    { exitCode: 1, stderr: `${said}\n` },
  );
  await expect(control.shape('slow', { delayMs: 40 })).rejects.toThrow(
    `pg1: shaping: exit code 1: ${said}`,
  );
});

test('removing a shape that was never set changes nothing', async () => {
  const { control, asked } = nodeAnswering({ stdout: 'none\n' });
  await control.unshape('never');
  expect(asked.length).toBe(1);
});
