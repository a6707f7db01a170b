import type { Fault } from '../../contracts/fault.ts';
import type { FaultStep } from '../../contracts/scenario.ts';
import type { z } from 'zod';
import { ownKeys, stepSchema, stepShape } from './step-schema.ts';
import type { Findings } from './collect-problems.ts';
import type { Path } from './parse-yaml.ts';
import { knownKeys } from './problems.ts';
import { isMapping, type Raw } from './mapping.ts';

export const stepsAtMost = 1000;

/** The fault steps of a file, in file order. Problems go to `found`; a wrong step is left out. */
export function parseSteps(
  raw: unknown,
  faults: ReadonlyMap<string, Fault>,
  found: Findings,
): readonly FaultStep[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw) || raw.length > stepsAtMost) {
    const message = `must be a list of at most ${stepsAtMost}, each like { at: 10s, fault: noop, target: leader }`;
    found.add({ path: ['faults'], message });
    return [];
  }
  const seen = new Map<string, number>();
  return raw.flatMap((entry: unknown, index) => {
    const path = ['faults', index];
    if (!isMapping(entry)) {
      found.add({
        path,
        message: 'must be a mapping, like { at: 10s, fault: noop, target: leader }',
      });
      return [];
    }
    const count = (seen.get(String(entry.fault)) ?? 0) + 1;
    seen.set(String(entry.fault), count);
    return parseStep(entry, { path, count, faults, found }) ?? [];
  });
}

interface StepContext {
  readonly path: Path;
  /** How many steps of this fault there are so far: the number in its default id. */
  readonly count: number;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly found: Findings;
}

function parseStep(entry: Raw, { path, count, faults, found }: StepContext): FaultStep | undefined {
  const step = found.read(stepSchema, entry, path);
  if (typeof entry.fault !== 'string') return undefined;
  const fault = found.lookUp('fault', entry.fault, faults, [...path, 'fault']);
  if (!fault) return undefined;
  const known = [...Object.keys(stepShape), ...knownKeys(fault.params)];
  const params = found.readOwn(fault.params, ownKeys(entry), { prefix: path, known });
  const isTargetRight = checkTarget(entry, fault, { path, found });
  if (!step || params === undefined || !isTargetRight) return undefined;
  return {
    id: step.id ?? `${step.fault}#${count}`,
    fault: step.fault,
    target: step.target ?? 'none',
    ...timeOf(step),
    ...holdOf(step),
    ...(step.expect !== undefined && step.expect !== 'done' && { expected: step.expect }),
    params,
  };
}

type Step = z.output<typeof stepSchema>;

function timeOf({ at, after, when }: Step): Pick<FaultStep, 'atMs' | 'after' | 'when'> {
  const from = after === undefined ? { atMs: at ?? 0 } : { atMs: after.offsetMs, after: after.id };
  return { ...from, ...(when && { when }) };
}

function holdOf(step: Step): Pick<FaultStep, 'holdMs' | 'until' | 'repeat'> {
  const { for: holdMs, until, every: everyMs, times } = step;
  return {
    ...(holdMs !== undefined && { holdMs }),
    ...(until && { until }),
    ...(everyMs !== undefined && times !== undefined && { repeat: { everyMs, times } }),
  };
}

function checkTarget(
  entry: Raw,
  fault: Fault,
  { path, found }: { readonly path: Path; readonly found: Findings },
): boolean {
  const isGiven = entry.target !== undefined;
  const isOptional = fault.targets === 'any' || fault.targets === 'dcs';
  if (isOptional || isGiven === (fault.targets === 'nodes')) return true;
  if (isGiven) {
    const message = `${String(entry.fault)} acts on the whole cluster and takes no target`;
    found.add({ path: [...path, 'target'], message });
  } else {
    found.add({ path, message: `${String(entry.fault)} needs a target, such as leader` });
  }
  return false;
}
