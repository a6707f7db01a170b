import type { ScenarioRegistry } from '../../contracts/registry.ts';
import { keyPaths } from './key-paths.ts';
import type { Problem } from './problems.ts';

/** Comparing with every key takes time, and the hundredth hint helps no reader. */
const lookedUpAtMost = 20;

/** Unknown keys that resemble none beside them, with the places elsewhere in the file where they are allowed. */
export function withHints(
  problems: readonly Problem[],
  registry: ScenarioRegistry,
): readonly Problem[] {
  const strangers = problems.filter(({ stranger }) => stranger !== undefined);
  if (strangers.length === 0) return problems;
  const pathsOf = keyPaths(registry);
  const hinted = new Set(strangers.slice(0, lookedUpAtMost));
  return problems.map((problem) => {
    const { stranger } = problem;
    const paths = stranger !== undefined && hinted.has(problem) ? pathsOf(stranger) : [];
    if (paths.length === 0) return problem;
    const places = paths.map((path) => `'${path}'`).join(' or ');
    return { ...problem, message: `unknown key '${stranger ?? ''}'; did you mean ${places}?` };
  });
}
