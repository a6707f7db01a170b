import path from 'node:path';
import type { Command, Option } from 'commander';
import { ScenarioError } from '../../std/errors.ts';
import { shellQuoted } from '../../std/shell-quoted.ts';

/** The script of `npm run SCRIPT ...` that started this process. */
export interface NpmScript {
  readonly name: string;
  /** The script's own text: the command, and maybe its arguments. */
  readonly ownWords: readonly string[];
  /** The user's words after the script's name, as far as npm passed them on. */
  readonly userWords: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Options of npm (only) and of node-gyp (jobs) too, so a user's .npmrc may set them. */
export const sharedNames: readonly string[] = ['only', 'jobs'];

/** An option of npm too, but for a single command, not for an .npmrc: on a command line it is meant for Forkpoint. */
export const perCommandNames: readonly string[] = ['json'];

/** Undefined when no npm script started this process directly: a suite's runs inherit its environment. */
export function npmScriptOf({
  argv,
  env,
  send,
}: Pick<NodeJS.Process, 'argv' | 'env' | 'send'>): NpmScript | undefined {
  const { npm_lifecycle_event: name, npm_lifecycle_script: text = '' } = env;
  const [, program = '', ...words] = argv;
  const scriptWords = text.split(/\s+/);
  const at = scriptWords.findIndex((word) => path.basename(word) === path.basename(program));
  const isNpm = env.npm_config_user_agent?.startsWith('npm/') === true;
  if (name === undefined || at < 0 || !isNpm || send) return undefined;
  const ownWords = scriptWords.slice(at + 1);
  if (ownWords.some((word, index) => word !== words[index])) return undefined;
  return { name, ownWords, userWords: words.slice(ownWords.length), env };
}

/**
 * Refuses to go on without an option that came before '--': npm keeps it, as in `npm run scenario NAME --seed=7`.
 * Errors: ScenarioError with the command line that was meant.
 * Source: npm 11, observed. --seed=7: npm_config_seed=7; --seed 7: the option is true, and 7 an argument; --no-install:
 * npm_config_install is empty; --set=a --set=b: both, with an empty line between them.
 */
export function refuseWhatNpmTook(command: Command, script: NpmScript): void {
  const taken = [
    ...command.options.flatMap((option) => takenBy(script, option) ?? []),
    ...takenFromProgram(command, script),
  ];
  if (taken.length === 0) return;
  const names = taken.map(({ name }) => name).join(' and ');
  const stands = taken.length === 1 ? 'it stands' : 'they stand';
  // Which argument is the option's value cannot be known.
  const words = taken.every(({ isWhole }) => isWhole)
    ? script.userWords.map(shellQuoted)
    : argumentsOf(command, script);
  const meant = commandLine(script, [...words, ...taken.map(({ text }) => text)]);
  throw new ScenarioError(
    `npm took ${names} for itself, since ${stands} before '--'. Write: ${meant}`,
  );
}

/**
 * npm starts a script in the package's folder: relative paths are resolved in the user's folder. The reports folder is
 * the same as without npm.
 */
export function standWhereTheUserDoes({ env }: NpmScript): void {
  const { INIT_CWD: folder } = env;
  if (folder === undefined || folder === process.cwd()) return;
  process.env.FORKPOINT_REPORTS ??= path.resolve('reports');
  process.chdir(folder);
}

/** The command line with every option after '--'. */
export function commandLine({ name, ownWords }: NpmScript, words: readonly string[]): string {
  const firstOption = words.findIndex((word) => /^(?:-|\[options\])/.test(word));
  const split = ownWords.length === 0 || firstOption < 0 ? 0 : firstOption;
  return ['npm run', name, ...words.slice(0, split), '--', ...words.slice(split)].join(' ');
}

/** The arguments that the script leaves to the user, as a usage line shows them. */
export function argumentsOf(command: Command, { ownWords }: NpmScript): readonly string[] {
  const all = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...all].slice(ownWords.length);
}

interface Taken {
  readonly name: string;
  /** As to be written after '--'. */
  readonly text: string;
  /** False when npm separated the option from its value. */
  readonly isWhole: boolean;
}

/** `-c` of psql or of a shell on a node, which npm knows as its own `--call`. */
function takenFromProgram(command: Command, { env }: NpmScript): readonly Taken[] {
  const { npm_config_call: value } = env;
  if (!['psql', 'exec'].includes(command.name()) || value === undefined || value === '') return [];
  return [{ name: '-c', text: `-c ${shellQuoted(value)}`, isWhole: true }];
}

function takenBy({ env, userWords }: NpmScript, option: Option): Taken | undefined {
  const { long: name = '', negate, required, optional, flags } = option;
  const key = name.replace(negate ? /^--no-/ : /^--/, '');
  const value = env[`npm_config_${key.replaceAll('-', '_')}`];
  if (value === undefined || sharedNames.includes(key)) return undefined;
  // It is after '--' as well, or npm's value is from an .npmrc: either way it takes effect.
  if (userWords.includes(name)) return undefined;
  if (!required && !optional) {
    const isGiven = (value === '') === negate;
    return isGiven ? { name, text: name, isWhole: true } : undefined;
  }
  if (value === 'true') return { name, text: flags, isWhole: false };
  const values = value.split('\n\n').map((each) => `${name} ${shellQuoted(each)}`);
  return { name, text: values.join(' '), isWhole: true };
}
