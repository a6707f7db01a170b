import type { CapabilityName } from '../../src/contracts/cluster.ts';
import type { Fault, Undo } from '../../src/contracts/fault.ts';
import { loadRegistry } from '../../src/registry.ts';
import { exampleParams } from '../../src/conformance/params.ts';
import { RecordingCluster } from './recording-cluster.ts';

const { faults } = await loadRegistry('');

/** What a timer at the target undoes by itself: packet rules, shaping, and stopped processes. */
const undoneAtTarget: ReadonlySet<Undo['do']> = new Set([
  ...(['clearRules', 'unshape', 'resume', 'resumeDcs'] as const),
]);

const harmDirectly: ReadonlySet<CapabilityName> = new Set([
  ...(['network', 'shaping', 'process', 'dcs', 'patroni'] as const),
]);

/**
 * The network faults and the freezes, derived from their needs and their undos, so that a fault that is added later is
 * included automatically.
 */
export async function faultsUndoneAtTarget(): Promise<ReadonlyMap<string, Fault>> {
  const found = new Map<string, Fault>();
  for (const [name, fault] of faults) {
    if (!fault.needs(exampleParams(fault)).every((need) => harmDirectly.has(need))) continue;
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
  // A failure after the undo was registered does not matter here.
  await fault.inject(targets, exampleParams(fault), context).catch(() => undefined);
  return steps;
}

/** One valid set of a shipped fault's keys, as in a scenario file. */
export function exampleOf(name: string): object {
  const example = faults.get(name)?.example;
  return typeof example === 'object' && example !== null ? example : {};
}
