import type { Command, Option } from 'commander';
import { shellQuoted } from '../../std/shell-quoted.ts';

export const shellNames = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shellNames)[number];

/** The words allowed after a command, from commander's own tree. */
interface Completed {
  readonly names: readonly string[];
  readonly description: string;
  readonly options: readonly { readonly flag: string; readonly description: string }[];
  /** Values of the first argument, besides files. */
  readonly words: readonly string[];
}

/** `scenarios` and `suites`: the names that can be a first argument. */
export function completionScript(
  program: Command,
  shell: ShellName,
  names: { readonly scenarios: readonly string[]; readonly suites: readonly string[] },
): string {
  const words = (command: Command): readonly string[] => {
    const [first] = command.registeredArguments;
    if (first?.argChoices) return first.argChoices;
    if (first?.name() === 'scenario' || first?.name() === 'run') return names.scenarios;
    return first?.name() === 'suite' ? names.suites : [];
  };
  const commands = program.commands.map((command) => ({
    names: [command.name(), ...command.aliases()],
    description: command.description(),
    options: [...command.options.flatMap(flagsOf), { flag: '--help', description: 'show help' }],
    words: words(command),
  }));
  return writers[shell](commands);
}

function flagsOf({ long, description }: Option): Completed['options'] {
  return long === undefined ? [] : [{ flag: long, description }];
}

const writers: Readonly<Record<ShellName, (commands: readonly Completed[]) => string>> = {
  bash: (commands) => `# forkpoint completion bash
_forkpoint() {
  local word=\${COMP_WORDS[COMP_CWORD]} words=
  if (( COMP_CWORD == 1 )); then
    words='${commands.flatMap(({ names }) => names).join(' ')}'
  else
    case \${COMP_WORDS[1]} in
${commands.map(bashCase).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _forkpoint forkpoint
`,
  zsh: (commands) => `#compdef forkpoint
# forkpoint completion zsh
_forkpoint() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${commands.map(zshCommand).join(' ')})
    _describe command found
    return
  fi
  case $words[2] in
${commands.map(zshCase).join('\n')}
  esac
  _describe argument found
  _files
}
if [[ $funcstack[1] == _forkpoint ]]; then _forkpoint; else compdef _forkpoint forkpoint; fi
`,
  fish: (commands) => `# forkpoint completion fish
${commands.map(fishLines).join('\n')}
`,
};

function bashCase({ names, options, words }: Completed): string {
  const flags = options.map(({ flag }) => flag).join(' ');
  return `      ${names.join(' | ')}) if [[ $word == -* ]]; then words='${flags}'; else words='${words.join(' ')}'; fi ;;`;
}

function zshCommand({ names, description }: Completed): string {
  return names.map((name) => described(name, description)).join(' ');
}

function zshCase({ names, options, words }: Completed): string {
  const flags = options.map(({ flag, description }) => described(flag, description)).join(' ');
  return `    ${names.join(' | ')}) if [[ $PREFIX == -* ]]; then found=(${flags}); else found=(${words.join(' ')}); fi ;;`;
}

/** `_describe` takes the text after the first colon as the description. */
function described(word: string, description: string): string {
  return shellQuoted(`${word.replaceAll(':', '\\:')}:${description}`);
}

function fishLines({ names, description, options, words }: Completed): string {
  const start = `complete -c forkpoint -n '__fish_use_subcommand'`;
  const within = `complete -c forkpoint -n '__fish_seen_subcommand_from ${names.join(' ')}'`;
  return [
    ...names.map((name) => `${start} -f -a ${name} -d ${fishQuoted(description)}`),
    ...options.map(
      (each) => `${within} -l ${each.flag.slice(2)} -d ${fishQuoted(each.description)}`,
    ),
    ...(words.length === 0 ? [] : [`${within} -a '${words.join(' ')}'`]),
  ].join('\n');
}

/** Within single quotes fish knows \\ and \'. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
