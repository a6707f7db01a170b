import type { FaultStep, Wait } from '../../contracts/scenario.ts';
import { targetsOf } from '../words/targets.ts';

/**
 * Each repetition as a step of its own, `cut.1`, `cut.2`, ..., with the index in the file of its original; `cut` in
 * `after` or as a target means the last of them.
 */
export function repeated(
  steps: readonly FaultStep[],
): readonly { readonly step: FaultStep; readonly index: number }[] {
  const times = new Map(steps.map(({ id, repeat }) => [id, repeat?.times]));
  const lastOf = (id: string): string => {
    const count = times.get(id);
    return count === undefined ? id : `${id}.${count}`;
  };
  return steps.flatMap((step, index) => {
    const { repeat, ...once } = pointed(step, lastOf);
    if (!repeat) return [{ step: once, index }];
    return Array.from({ length: repeat.times }, (_, turn) => ({
      step: { ...once, id: `${step.id}.${turn + 1}`, atMs: step.atMs + turn * repeat.everyMs },
      index,
    }));
  });
}

function pointed(step: FaultStep, lastOf: (id: string) => string): FaultStep {
  const target = (text: string): string => {
    const of = targetsOf(text);
    return of === undefined ? text : text.slice(0, text.length - of.length) + lastOf(of);
  };
  const wait = (waited: Wait): Wait => {
    const { state } = waited;
    if (state.is !== 'streaming') return waited;
    return { ...waited, state: { ...state, target: target(state.target) } };
  };
  return {
    ...step,
    target: target(step.target),
    ...(step.after !== undefined && { after: lastOf(step.after) }),
    ...(step.when && { when: wait(step.when) }),
    ...(step.until && { until: wait(step.until) }),
  };
}
