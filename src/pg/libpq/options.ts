import { ScenarioError } from '../../std/errors.ts';
import { isOwnSetting } from '../session-settings.ts';

/**
 * The settings in libpq's `options`: `-c name=value` or `--name=value`, separated by spaces that a backslash keeps.
 * Errors: ScenarioError for other switches of the server, and for a setting that forkpoint must set itself.
 */
export function settingsOf(options: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  const words = wordsOf(options);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const assignment = word === '-c' ? (words[++index] ?? '') : word.replace(/^-c|^--/, '');
    const [, name, value] = /^([\w.-]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined || value === undefined || (word !== '-c' && assignment === word)) {
      throw new ScenarioError("options: only '-c name=value' and '--name=value' are supported");
    }
    const known = name.replaceAll('-', '_').toLowerCase();
    if (isOwnSetting(known)) {
      throw new ScenarioError(
        `options: ${known} cannot be set: forkpoint sets it itself, to read the server's answers right`,
      );
    }
    settings[known] = value;
  }
  return settings;
}

/** The value of `options` that has these settings. */
export function optionsOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\s\\]/g, '\\$&')}`)
    .join(' ');
}

/** Source: PostgreSQL, pg_split_opts. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^\s\\]|\\.|\\$)+/gsu)].map(([word]) =>
    word.replace(/\\(.?)/gs, '$1'),
  );
}
