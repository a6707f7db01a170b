import { messageOf, ScenarioError } from '../../std/errors.ts';

/** Keys of the scenario that `load` and `watch` make, and the options that they come from, where the names differ. */
const optionOf: Readonly<Record<string, string>> = {
  'load.file': '--workload',
  'expect.knee': '--at-least',
  hold: '--hold-rejoin',
};

/**
 * `load:1:138: load.minFree: must be ...` is `--min-free: must be ...` for a person who wrote no scenario.
 * Errors: those of `work`; a ScenarioError about this scenario names options.
 */
export async function namingOptions<T>(scenario: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const lines = messageOf(error).split('\n');
    const said = lines.map((line) => withOption(line, scenario)).join('\n');
    throw new ScenarioError(said, { cause: error });
  }
}

function withOption(line: string, scenario: string): string {
  const [, at, within = '', message = ''] =
    /^(.+?:\d+:\d+: (?:(?:load|expect)\.\w+|hold))([\w.[\]]*): (.*)$/s.exec(line) ?? [];
  const [, key] = at?.split(/:\d+:\d+: /) ?? [];
  if (at === undefined || key === undefined || !at.startsWith(`${scenario}:`)) return line;
  const option = optionOf[key] ?? `--${kebab(key.replace(/^\w+\./, ''))}`;
  const path = within.replace(/^\./, '');
  return `${option}${path === '' ? '' : ` ${path}`}: ${message}`;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
