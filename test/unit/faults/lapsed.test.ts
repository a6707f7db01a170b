import { describe, expect, it } from 'vitest';
import type { Node } from '../../../src/contracts/cluster.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { RecordingCluster } from '../../helpers/recording-cluster.ts';

const { faults } = await loadRegistry();

/** A fault in force on pg1 of three nodes, and a call of its `lapsed`. */
async function inForce(name: string, over: Readonly<Record<string, unknown>> = {}) {
  const fault = faults.get(name)!;
  const parsed = fault.params.safeParse(over);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  const recording = new RecordingCluster();
  const context = recording.context(`${name}#1`);
  const targets = fault.targets === 'none' ? [] : recording.cluster.nodes.slice(0, 1);
  const detail = await fault.inject(targets, parsed.data, context);
  const look = () => fault.lapsed?.(targets, parsed.data, { ...context, detail });
  return { recording, look };
}

describe('a split is in force', () => {
  it.each([
    ['between named sides', [['target'], ['pg2', 'dcs']], 'pg2'],
    ['between halves', 'halves', 'pg3'],
  ])('%s until the rules of any of their nodes are gone', async (_title, split, node) => {
    const { recording, look } = await inForce('partition', { split });
    expect(await look()).toBeUndefined();
    await recording.cluster.nodes.find(({ name }) => name === node)?.network?.clear('partition#1');
    expect(await look()).toBe(`its packet rules on ${node} were removed from outside the run`);
  });
});

describe('a freeze', () => {
  it('is in force until the processes are continued from outside', async () => {
    const { recording, look } = await inForce('freeze-node');
    expect(await look()).toBeUndefined();
    recording.state.stopped.clear();
    expect(await look()).toBe('Patroni or PostgreSQL on pg1 was continued from outside the run');
  });

  it('is still in force when the frozen process is gone: another step may have killed it', async () => {
    const { recording, look } = await inForce('freeze-patroni');
    recording.log.length = 0;
    expect(await look()).toBeUndefined();
  });
});

describe('an outage of the DCS is in force', () => {
  it('until a member runs again, also after a frozen member was killed', async () => {
    const { recording, look } = await inForce('dcs-outage', { how: 'freeze', members: 1 });
    expect(await look()).toBeUndefined();
    recording.log.length = 0;
    expect(await look()).toBeUndefined();
    recording.state.stopped.clear();
    expect(await look()).toBe('DCS members were started or continued from outside the run: pg1');
  });
});

describe('other faults that others can undo', () => {
  it('freeze-postgres is in force until the server is continued', async () => {
    const { recording, look } = await inForce('freeze-postgres');
    expect(await look()).toBeUndefined();
    recording.state.stopped.clear();
    expect(await look()).toBe('postgres on pg1 was continued from outside the run');
  });

  it('rewind is in force until the replication of the old leader is let through', async () => {
    const { recording, look } = await inForce('rewind', { diverge: '0s' });
    expect(await look()).toBeUndefined();
    recording.state.rules.clear();
    expect(await look()).toBe('its packet rules on pg1 were removed from outside the run');
  });

  it('exec asks a command of its author', async () => {
    const { recording, look } = await inForce('exec', { inject: ['harm'], inForce: ['look'] });
    expect(await look()).toBeUndefined();
    recording.state.stopped.clear();
    expect(await look()).toBe('pg1: look found it undone');
  });

  it('disk-full is over when there is room, with its ballast or without', async () => {
    const { recording, look } = await inForce('disk-full', { area: 'wal', leave: '1MB' });
    const disk = recording.cluster.nodes[0]!.disk as { look: NonNullable<Node['disk']>['look'] };
    const found = (freeBytes: number) => () => Promise.resolve({ hasBallast: true, freeBytes });
    // A segment of WAL that the server removed by itself is no room.
    disk.look = found(1e6 + 16 * 2 ** 20);
    expect(await look()).toBeUndefined();
    disk.look = found(1e6 + 80 * 2 ** 20);
    expect(await look()).toBe('the wal disk of pg1 has room again: other files were removed');
  });
});
