import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../../src/contracts/evidence.ts';
import { unplannedChanges } from '../../../../src/judge/availability/unplanned.ts';
import { topologyOf } from '../../../helpers/fake-cluster.ts';

const started = { startedAt: '100' };
const looked = (members: Readonly<Record<string, object>>): RunEvent => ({
  atMs: 10,
  type: 'topology',
  topology: topologyOf({ members }),
});
const all = looked({ pg1: started, pg2: started, pg3: started });
type What = Extract<RunEvent, { type: 'unplanned' }>['what'];
const unplanned = (atMs: number, node: string, what: What, agoMs = 200): RunEvent => ({
  atMs,
  type: 'unplanned',
  node,
  what,
  agoMs,
});

describe('servers that ended or started unplanned', () => {
  it('are none if each server was seen and no such event was recorded', () => {
    expect(unplannedChanges([all], 1000)).toEqual({ unplanned: [] });
  });

  it('are counted once if an end is followed by a start', () => {
    const events = [
      all,
      unplanned(5000, 'pg1', 'ended', 1500),
      unplanned(9000, 'pg1', 'started', 5500),
    ];
    expect(unplannedChanges(events, 1000).unplanned).toEqual([
      { node: 'pg1', what: 'restarted', fromMs: 2500, untilMs: 8000 },
    ]);
  });

  it('are counted separately for different nodes or times', () => {
    const events = [
      all,
      unplanned(5000, 'pg1', 'started'),
      unplanned(6000, 'pg2', 'ended'),
      unplanned(7000, 'pg3', 'crashed'),
    ];
    expect(unplannedChanges(events, 1000).unplanned).toEqual([
      { node: 'pg1', what: 'restarted', fromMs: 3800, untilMs: 4000 },
      { node: 'pg2', what: 'ended', fromMs: 4800, untilMs: 5000 },
      { node: 'pg3', what: 'crashed', fromMs: 5800, untilMs: 6000 },
    ]);
  });

  it('are unknown if a node was never seen, or the processes of a silent one could not be seen', () => {
    const blind = looked({ pg1: started, pg2: started });
    expect(unplannedChanges([blind], 0)).toEqual({ unplanned: null });
    expect(unplannedChanges([all, unplanned(5000, 'pg1', 'unknown')], 0)).toEqual({
      unplanned: null,
    });
  });

  it('are absent if an older version ran it', () => {
    expect(unplannedChanges([looked({})], 0)).toEqual({});
  });
});
