/** A command that a machine runs with these variables set beside its own. */
export function withEnvironment(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): readonly string[] {
  const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return words.length === 0 ? argv : ['env', ...words, ...argv];
}
