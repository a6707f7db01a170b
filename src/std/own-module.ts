/**
 * URL of one of Forkpoint's own modules that is started as a program or loaded by name: TypeScript in a clone; in the
 * package, whose types Node does not strip, the built JavaScript.
 */
export function ownModule(pathWithoutExtension: string, from: string): URL {
  return new URL(`${pathWithoutExtension}${from.endsWith('.ts') ? '.ts' : '.js'}`, from);
}
