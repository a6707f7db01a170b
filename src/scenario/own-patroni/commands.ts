import type { Json } from '../../contracts/json.ts';
import type { LabContents } from '../../contracts/own-patroni.ts';

const builtins = new Set(['cd', 'test', '[', 'true', 'false', ':', 'exit', 'echo', 'exec', 'if']);

/** The program that a shell command starts; undefined for a command of the shell itself. */
export function programOf(command: string): string | undefined {
  const words = command.trim().split(/\s+/);
  const first = words.find((word) => !/^\w+=/.test(word))?.replace(/^["']|["']$/g, '') ?? '';
  return first === '' || builtins.has(first) ? undefined : first;
}

/** Whether a lab has a command's program; undefined where only its boot can say. */
export function isThere(command: string, contents: LabContents): boolean | undefined {
  const program = programOf(command);
  return program === undefined ? true : contents.hasProgram(program);
}

/** A command that does nothing, and so is the same in every archive. */
export function doesNothing(command: string): boolean {
  return /^(?:|(?:\/usr)?(?:\/bin\/)?true|:|cd \.|exit 0)$/.test(command.trim());
}

const commandKey = /command$|^on_\w+$|^post_(?:init|bootstrap)$|^pre_promote$|^before_stop$/;

/** Whether a key of patroni.yml holds a shell command. */
export function isCommandKey(key: string): boolean {
  return commandKey.test(key);
}

/** Every command in a configuration. */
export function commandsIn(value: Json, key = ''): readonly string[] {
  if (typeof value === 'string') return isCommandKey(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((entry: Json) => commandsIn(entry));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => commandsIn(child, name));
}
