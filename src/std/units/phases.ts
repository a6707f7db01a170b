import type { Phase } from '../../contracts/scenario.ts';
import { formatDuration } from './format.ts';

/** `during cut`, `after cut + 5s, within 10s`: its name in reports. */
export function formatPhase({ edge, step, offsetMs, withinMs }: Phase): string {
  const offset = offsetMs === 0 ? '' : ` + ${formatDuration(offsetMs)}`;
  const within = withinMs === undefined ? '' : `, within ${formatDuration(withinMs)}`;
  return `${edge} ${step}${offset}${within}`;
}

/** Whether a planned step is the one that a phase names, or a repetition of it: `cut.2` of `cut`. */
export function isStepOf(id: string, { step }: Pick<Phase, 'step'>): boolean {
  return id === step || (id.startsWith(`${step}.`) && /^\d+$/.test(id.slice(step.length + 1)));
}
