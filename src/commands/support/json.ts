import { print } from '../../std/output.ts';
import { asciiControls } from '../../std/plain.ts';

/** Option of every command that reports a result. */
export const jsonOption = [
  '--json',
  'print the result as JSON, and nothing else on stdout',
] as const;

export interface JsonArguments {
  readonly json?: true | undefined;
}

export function printJson(value: unknown): void {
  print(`${asciiControls(JSON.stringify(value, null, 2))}\n`);
}
