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
