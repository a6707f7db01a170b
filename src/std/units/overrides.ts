/**
 * The overrides of a command that repeats a run, sorted: those after `--set`, and `image=...`.
 * Shape: each plain or in single quotes, as a shell reads them.
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
