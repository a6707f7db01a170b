import { describe, expect, test } from 'vitest';
import type { MemberState } from '../../../../src/contracts/cluster.ts';
import type { OperationRecord, Outcome, RunEvent } from '../../../../src/contracts/evidence.ts';
import {
  bucketFor,
  lagSeries,
  roleSpans,
  TimelineVisitor,
} from '../../../../src/judge/availability/chart-series.ts';
import { LatencyRecorder } from '../../../../src/evidence/figures/latency-recorder.ts';
import { operation, visit } from '../../../histories/in-memory.ts';

/** One operation. */
function at(answeredMs: number, outcome: Outcome, latencyMs = 1): OperationRecord {
  const latencyUs = latencyMs * 1000;
  return operation({ outcome, sentUs: answeredMs * 1000 - latencyUs, latencyUs });
}

function topology(atMs: number, members: readonly string[], leader?: string): RunEvent {
  const states = members.map((text): MemberState => {
    const [node = '', role, timeline] = text.split(' ');
    return { node, role: role as MemberState['role'], timeline: Number(timeline) };
  });
  const topologyNow = { members: states, syncStandbys: [], isPaused: false };
  return {
    atMs,
    type: 'topology',
    topology: leader === undefined ? topologyNow : { ...topologyNow, leader },
  };
}

describe('the chart series', () => {
  test('has a step that limits a chart to about a thousand points', () => {
    const loadsMs = [0, 30_000, 60_000, 600_000, 3_600_000, 86_400_000];
    expect(loadsMs.map(bucketFor)).toEqual([100, 100, 250, 1_000, 5_000, 300_000]);
  });

  test('counts each operation in the bucket of its answer, and leaves quiet buckets empty', () => {
    const visitor = new TimelineVisitor(1_000, () => new LatencyRecorder('coarse'));
    const operations = [
      at(100, 'acknowledged', 5),
      at(900, 'acknowledged', 7),
      at(950, 'failed'),
      at(2_100, 'indeterminate'),
    ];
    visit(operations, visitor);
    expect(visitor.series(4_000)).toEqual({
      bucketMs: 1_000,
      acknowledged: [2, 0, 0, 0],
      failed: [1, 0, 0, 0],
      indeterminate: [0, 0, 1, 0],
      latencyMs: {
        p50: [expect.closeTo(5, 1), null, null, null],
        max: [7, null, null, null],
        p99: [expect.closeTo(7, 1), null, null, null],
      },
    });
  });

  test('an answer after the end of the load has a bucket', () => {
    const visitor = new TimelineVisitor(1_000, () => new LatencyRecorder('coarse'));
    visit([at(1_500, 'indeterminate')], visitor);
    expect(visitor.series(1_000).indeterminate).toEqual([0, 1]);
  });

  test('a silent DCS takes the lock from no node', () => {
    const silent = topology(3_000, ['pg1 primary 1']);
    if (silent.type !== 'topology') throw new Error('it is one');
    const events = [
      topology(0, ['pg1 primary 1'], 'pg1'),
      { ...silent, topology: { ...silent.topology, isLockUnknown: true as const } },
      topology(6_000, ['pg1 primary 1']),
    ];
    expect(roleSpans(events, { originMs: 0, endMs: 9_000 })).toEqual([
      { node: 'pg1', role: 'leader', timeline: 1, fromMs: 0, toMs: 6_000 },
      { node: 'pg1', role: 'primary', timeline: 1, fromMs: 6_000, toMs: 9_000 },
    ]);
  });

  test('two primaries at the same time are both shown, and only the holder of the lock as leader', () => {
    const events = [
      topology(900, ['pg1 primary 1', 'pg2 replica 1'], 'pg1'),
      topology(3_000, ['pg1 primary 1', 'pg2 primary 2'], 'pg2'),
      topology(5_000, ['pg1 down NaN', 'pg2 primary 2'], 'pg2'),
    ];
    const spans = roleSpans(events, { originMs: 1_000, endMs: 6_000 });
    expect(spans.map(({ node, role, fromMs, toMs }) => [node, role, fromMs, toMs])).toEqual([
      ['pg1', 'leader', 0, 2_000],
      ['pg1', 'primary', 2_000, 4_000],
      ['pg1', 'down', 4_000, 6_000],
      ['pg2', 'replica', 0, 2_000],
      ['pg2', 'leader', 2_000, 6_000],
    ]);
  });

  test('lag is given per replica, negative for a replica ahead of its primary', () => {
    const events: RunEvent[] = [
      { atMs: 1_500, type: 'lag', bytes: { pg2: 100, pg3: 0 } },
      { atMs: 2_500, type: 'lag', bytes: { pg2: -8 } },
    ];
    expect(lagSeries(events, 1_000)).toEqual({
      pg2: [
        [500, 100],
        [1_500, -8],
      ],
      pg3: [[500, 0]], // prettier-ignore
    });
  });
});
