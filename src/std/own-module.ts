/**
 * Where a module of ours lies that is started as a program or loaded by name. In a clone it is TypeScript; in the package,
 * which Node does not strip of types, what was built from it.
 */
export function ownModule(pathWithoutExtension: string, from: string): URL {
  return new URL(`${pathWithoutExtension}${from.endsWith('.ts') ? '.ts' : '.js'}`, from);
}
