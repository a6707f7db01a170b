import type { CapabilityName } from '../../src/contracts/cluster.ts';
import type { Fault, Undo } from '../../src/contracts/fault.ts';
import { isFault, loadExtensions } from '../../src/registry.ts';
import { RecordingCluster } from './recording-cluster.ts';

/** For a fault whose keys have no defaults: one right set of them. */
export const examples: Readonly<Record<string, object>> = {
  bandwidth: { limit: '1MB/s' },
  'allow-writes': { writes: 7 },
  'clock-skew': { by: '+1h' },
  'disk-full': { area: 'data' },
  'cancel-sync-wait': { during: '0s' },
  exec: { inject: ['harm'], heal: ['heal'] },
  latency: { delay: '40ms' },
  'packet-loss': { loss: '60%' },
  rewind: { diverge: '0s' },
  'schema-change': { kind: 'add-column', retry: '0s' },
  'set-parameter': { parameter: 'work_mem', value: '8MB' },
};

export function paramsOf(name: string, fault: Fault) {
  const parsed = fault.params.safeParse(examples[name] ?? {});
  if (!parsed.success) throw new Error(`${name}: give one right set of its keys in examples`);
  return parsed.data;
}

/** What a timer at the target undoes by itself: packet rules, shaping, and stopped processes. */
const undoneAtTarget: ReadonlySet<Undo['do']> = new Set([
  ...(['clearRules', 'unshape', 'resume', 'resumeDcs'] as const),
]);

const harmDirectly: ReadonlySet<CapabilityName> = new Set([
  ...(['network', 'shaping', 'process', 'dcs', 'patroni'] as const),
]);

/**
 * The network faults and the freezes, by what they need and by what they say would undo them: a fault that is added later
 * is among them without anybody's doing.
 */
export async function faultsUndoneAtTarget(): Promise<ReadonlyMap<string, Fault>> {
  const faults = await loadExtensions(new URL('../../faults/', import.meta.url), isFault);
  const found = new Map<string, Fault>();
  for (const [name, fault] of faults) {
    if (!fault.needs(paramsOf(name, fault)).every((need) => harmDirectly.has(need))) continue;
    const steps = await undoStepsOf(name, fault);
    if (steps.length > 0 && steps.every((step) => undoneAtTarget.has(step.do))) {
      found.set(name, fault);
    }
  }
  return found;
}

async function undoStepsOf(name: string, fault: Fault): Promise<readonly Undo[]> {
  const recording = new RecordingCluster();
  const steps: Undo[] = [];
  const context = {
    ...recording.context(`${name}#1`),
    undo: (step: Undo) => void steps.push(step),
  };
  const targets = fault.targets === 'none' ? [] : recording.cluster.nodes.slice(0, 1);
  // What fails after its undo was said is no matter here.
  await fault.inject(targets, paramsOf(name, fault), context).catch(() => undefined);
  return steps;
}
