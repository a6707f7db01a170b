import { describe, expect, it } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { RecordingCluster } from '../../helpers/recording-cluster.ts';

const { faults } = await loadRegistry();

/** A fault in force on pg1 of three, and what it says when it is looked at. */
async function inForce(name: string, over: Readonly<Record<string, unknown>> = {}) {
  const fault = faults.get(name)!;
  const parsed = fault.params.safeParse(over);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  const recording = new RecordingCluster();
  const context = recording.context(`${name}#1`);
  const targets = fault.targets === 'none' ? [] : recording.cluster.nodes.slice(0, 1);
  await fault.inject(targets, parsed.data, context);
  const look = () => fault.lapsed?.(targets, parsed.data, context);
  return { recording, look };
}

describe('a split is in force', () => {
  it.each([
    ['between named sides', [['target'], ['pg2', 'dcs']], 'pg2'],
    ['between halves', 'halves', 'pg3'],
  ])('%s until the rules of any node on them are gone', async (_title, split, node) => {
    const { recording, look } = await inForce('partition', { split });
    expect(await look()).toBeUndefined();
    await recording.cluster.nodes.find(({ name }) => name === node)?.network?.clear('partition#1');
    expect(await look()).toBe(`somebody removed its packet rules on ${node}`);
  });
});

describe('what is frozen', () => {
  it('is in force until others let it go on', async () => {
    const { recording, look } = await inForce('freeze-node');
    expect(await look()).toBeUndefined();
    recording.state.stopped.clear();
    expect(await look()).toBe('Patroni or PostgreSQL goes on on pg1, continued by others');
  });

  it('is in force while it is gone: another step may have killed it', async () => {
    const { recording, look } = await inForce('freeze-patroni');
    recording.log.length = 0;
    expect(await look()).toBeUndefined();
  });
});

describe('an outage of the DCS is in force', () => {
  it('until a member runs again, though what was frozen was killed', async () => {
    const { recording, look } = await inForce('dcs-outage', { how: 'freeze', members: 1 });
    expect(await look()).toBeUndefined();
    recording.log.length = 0;
    expect(await look()).toBeUndefined();
    recording.state.stopped.clear();
    expect(await look()).toBe('of the DCS pg1 runs again, by the doing of others');
  });
});
