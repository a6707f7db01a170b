import { comparison, type Comparison } from '../../std/units/comparison.ts';

/* What earlier versions stored in words alone. New ones store a field for each; nothing else reads words. */

/**
 * The sorted overrides of a reproduce command: the values of `--set`, and `image=...`.
 * Shape: each value is plain or in single quotes, as a shell reads it.
 */
export function overridesIn(reproduce: string): readonly string[] {
  const found = reproduce.matchAll(/ --(set|image) ((?:'[^']*'|\\'|[^\s'])+)/g);
  return [...found]
    .map(([, option, quoted = '']) => `${option === 'image' ? 'image=' : ''}${unquoted(quoted)}`)
    .sort();
}

function unquoted(text: string): string {
  return text.replace(/'([^']*)'|\\'/g, (_, plain: string | undefined) => plain ?? "'");
}

/** Whether a problem is that the run was interrupted. */
export function isInterruption(problem: string): boolean {
  return problem === 'the run was interrupted';
}

/** The demand on a count at the end of a check's summary: `(demanded: >= 1)`. Undefined for any other text. */
export function demandedCount(summary: string): Comparison | undefined {
  const [, demanded = ''] = /\(demanded: (.*?)\)/.exec(summary) ?? [];
  return comparison('count').safeParse(demanded).data;
}
