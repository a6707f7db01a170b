import { describe, expect, test } from 'vitest';
import type { Injection, LostRange } from '../../../../src/contracts/result.ts';
import type { Server } from '../../../../src/judge/causes/servers.ts';
import { rpoOf } from '../../../../src/judge/availability/rpo.ts';
import { inNumbers } from '../../../../src/std/units/loss-bound.ts';
import { summarizeLoss } from '../../../../src/std/units/loss-summary.ts';
import {
  owedTakeover,
  rtoOf as longestOf,
  takeoversOf,
} from '../../../../src/judge/availability/rto.ts';
import { rtoWithin } from '../../../../src/judge/windows/takeovers.ts';

const rtoOf = (...about: Parameters<typeof takeoversOf>) => longestOf(takeoversOf(...about));

const range = (over: Partial<LostRange>): LostRange => ({
  writer: 0,
  from: 1,
  to: 10,
  kind: 'insert',
  ackedAtMs: [5_000, 8_000],
  node: 'pg1',
  timeline: 1,
  lsn: ['0/5000100', '0/5000900'],
  cause: 'forked',
  ...over,
});
const spanOf = (
  lost: number | null,
  ranges: readonly LostRange[],
  of: Parameters<typeof rpoOf>[2],
) => rpoOf(lost, summarizeLoss([...inNumbers(ranges)], undefined).places, of);
const ancestry = { node: 'pg3', timeline: 2, leftAt: new Map([[1, 0x5000000]]) };

describe('what the lost writes span', () => {
  test('is the WAL from the fork point to the last of them, and the time between their acknowledgements', () => {
    const ranges = [
      range({}),
      range({ writer: 1, ackedAtMs: [4_990, 7_500], lsn: ['0/5000080', '0/5000800'] }),
    ];
    expect(spanOf(20, ranges, ancestry)).toEqual({ records: 20, bytes: 0x900, seconds: 3.01 });
  });

  test('counts from the first lost write if its timeline is not in the final history', () => {
    const ranges = [range({ node: 'pg2', timeline: 7 })];
    expect(spanOf(10, ranges, ancestry)).toEqual({ records: 10, bytes: 0x800, seconds: 3 });
  });

  test('is summed over the servers that lost something, without the time between them', () => {
    const ranges = [range({}), range({ node: 'pg2', timeline: 7, ackedAtMs: [60_000, 61_500] })];
    expect(spanOf(20, ranges, ancestry)).toEqual({ records: 20, bytes: 0x1100, seconds: 4.5 });
  });

  test('leaves out writes that returned a warning', () => {
    const warned = range({ cause: 'localOnly', ackedAtMs: [1_000, 9_000], lsn: null });
    expect(spanOf(10, [range({}), warned], ancestry)).toEqual({
      records: 10,
      bytes: 0x900,
      seconds: 3,
    });
  });

  test('is never zero when something is lost', () => {
    const one = range({ to: 1, ackedAtMs: [5_000, 5_000], lsn: ['0/5000100', '0/5000100'] });
    expect(spanOf(1, [one], undefined)).toEqual({ records: 1, bytes: 1, seconds: 0.001 });
  });

  test('is unknown if a position is, or the losses are', () => {
    expect(spanOf(20, [range({}), range({ lsn: null })], ancestry)).toEqual({
      records: 20,
      bytes: null,
      seconds: 3,
    });
    expect(spanOf(null, [], ancestry)).toEqual({ records: null, bytes: null, seconds: null });
    expect(spanOf(0, [], undefined)).toEqual({ records: 0, bytes: 0, seconds: 0 });
  });
});

describe('the time from a fault to the first write on the server that took over', () => {
  const server = (node: string, timeline: number, firstMs: number, lastMs: number): Server => ({
    node,
    timeline,
    operations: 100,
    leastLsn: 1,
    mostLsn: 2,
    firstUs: firstMs * 1000,
    lastUs: lastMs * 1000,
  });
  const fault = (id: string, injectedAtMs: number | null): Injection => ({
    id,
    fault: id,
    targets: ['pg1'],
    plannedAtMs: 0,
    inForceAtMs: injectedAtMs,
    injectedAtMs,
    healedAtMs: null,
  });
  const failedOver = [server('pg1', 1, 10, 8_004), server('pg3', 2, 28_100, 40_000)];

  test('counts from the last fault before the old server fell silent', () => {
    const faults = [fault('cut', 5_000), fault('kill', 8_000), fault('later', 15_000)];
    expect(rtoOf(failedOver, faults, [])).toEqual({ ms: 20_100, fault: 'kill' });
  });

  test('accepts a fault recorded a moment after the last answer as the cause', () => {
    expect(rtoOf(failedOver, [fault('cut', 5_000), fault('kill', 8_060)], [])).toEqual({
      ms: 20_040,
      fault: 'kill',
    });
  });

  test('counts from the first fault within the silence if none came before', () => {
    expect(rtoOf(failedOver, [fault('kill', 9_000), fault('later', 15_000)], [])).toEqual({
      ms: 19_100,
      fault: 'kill',
    });
  });

  test('is the longest of several takeovers, including the old primary on a new timeline', () => {
    const servers = [...failedOver, server('pg3', 3, 71_000, 80_000)];
    expect(rtoOf(servers, [fault('kill', 8_000), fault('cut', 39_990)], [])).toEqual({
      ms: 31_010,
      fault: 'cut',
      isSameServer: true,
    });
  });

  test('ends with the first takeover: a later one from that server is separate', () => {
    const servers = [...failedOver, server('pg1', 3, 40_500, 60_000)];
    expect(rtoOf(servers, [fault('kill', 8_000)], [])).toEqual({ ms: 20_100, fault: 'kill' });
  });

  test('needs no silence: while two servers take writes, the second one has taken over', () => {
    const both = [server('pg1', 1, 10, 30_000), server('pg3', 2, 26_600, 40_000)];
    expect(rtoOf(both, [fault('freeze', 4_000), fault('later', 28_000)], [])).toEqual({
      ms: 22_600,
      fault: 'freeze',
    });
  });

  test('is never negative: a fault injected after the takeover did not cause it', () => {
    const faults = [fault('kill', 8_000), fault('later', 28_150)];
    const overlapping = [server('pg1', 1, 10, 28_140), server('pg3', 2, 28_100, 40_000)];
    expect(rtoOf(overlapping, faults, [])).toEqual({ ms: 20_100, fault: 'kill' });
    expect(rtoOf(overlapping, faults.slice(1), [])).toEqual({ ms: null, fault: null });
  });

  test('counts from a fault on the old server rather than from one on others', () => {
    const on = (node: string, id: string, atMs: number) => ({
      ...fault(id, atMs),
      targets: [node],
    });
    const faults = [on('pg1', 'kill', 7_000), on('pg2', 'slow', 7_900)];
    expect(rtoOf(failedOver, faults, []).fault).toBe('kill');
    const healed = { ...on('pg1', 'old', 10), healedAtMs: -5_000 };
    expect(rtoOf(failedOver, [healed, ...faults.slice(1)], []).fault).toBe('slow');
    const whole = { ...fault('dcs', 7_950), targets: [] };
    expect(rtoOf(failedOver, [...faults, whole], []).fault).toBe('dcs');
  });

  test('counts from a fault on the old server in the silence rather than from one on others before it', () => {
    const servers = [server('pg1', 1, 0, 29_850), server('pg2', 2, 33_000, 60_000)];
    const slow = { ...fault('slow', 10_000), targets: ['pg3'], healedAtMs: 12_000 };
    const kill = { ...fault('kill', 30_000), targets: ['pg1'] };
    expect(rtoOf(servers, [slow, kill], [])).toEqual({ ms: 3_000, fault: 'kill' });
    expect(rtoOf(servers, [{ ...slow, healedAtMs: null }, kill], []).fault).toBe('kill');
  });

  test('is unknown if every fault was healed long before the old server fell silent', () => {
    const servers = [server('pg1', 1, 0, 50_000), server('pg2', 2, 53_000, 60_000)];
    for (const node of ['pg1', 'pg3']) {
      const noop = { ...fault('noop', 5_000), targets: [node], healedAtMs: 6_000 };
      expect(rtoOf(servers, [noop], [])).toEqual({ ms: null, fault: null });
    }
  });

  test('is unknown if no server took over, no fault came before, or the load was held', () => {
    const unknown = { ms: null, fault: null };
    const held = [{ fromUs: 20_000_000, untilUs: 27_000_000 }];
    expect(rtoOf([failedOver[0]!], [fault('kill', 8_000)], [])).toEqual(unknown);
    expect(rtoOf(failedOver, [fault('never', null)], [])).toEqual(unknown);
    expect(rtoOf(failedOver, [fault('kill', 8_000)], held)).toEqual(unknown);
  });

  test('is unknown if the load ended in an outage after a fault, and in the phase of that fault', () => {
    const faults = [fault('kill', 8_000), { ...fault('again', 40_010), targets: ['pg3'] }];
    const silent = { fromUs: 40_000_000, untilUs: 60_000_000 };
    const takeovers = [
      ...takeoversOf(failedOver, faults, []),
      ...owedTakeover(failedOver, faults, silent),
    ];
    expect(longestOf(takeovers)).toEqual({ ms: null, fault: null });
    expect(rtoWithin(takeovers, [{ fromMs: 8_000, untilMs: 40_010 }])).toBe(20_100);
    expect(rtoWithin(takeovers, [{ fromMs: 40_010, untilMs: 60_000 }])).toBeNull();
    expect(owedTakeover(failedOver, faults, undefined)).toEqual([]);
    expect(owedTakeover(failedOver, [fault('late', 60_000)], silent)).toEqual([]);
  });

  test('is known if an answer after the end of the load shows who took over', () => {
    const silent = { fromUs: 8_004_000, untilUs: 20_000_000 };
    expect(owedTakeover(failedOver, [fault('kill', 8_000)], silent)).toEqual([]);
  });

  test('is of the phase in which the fault was injected, though the takeover came after it', () => {
    const takeovers = takeoversOf(failedOver, [fault('kill', 8_000)], []);
    expect(rtoWithin(takeovers, [{ fromMs: 8_000, untilMs: 12_000 }])).toBe(20_100);
    expect(rtoWithin(takeovers, [{ fromMs: 12_000, untilMs: 60_000 }])).toBeNull();
  });
});
