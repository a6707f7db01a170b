import type { AppProblem } from './app.ts';
import { type Tokens, wordsOf } from './statements.ts';

export type Section = 'setup' | 'transaction' | 'invariant';

/** The one name in psql's form `:"..."` that there is: the run's own schema, as a quoted identifier. */
export const schemaVariable = ':"schema"';

/** Parameters of a statement, in order and as often as they stand there. */
export function parametersOf(text: string, tokens: Tokens) {
  return tokens
    .filter(({ kind }) => kind === 'parameter')
    .map(({ from, to }) => ({ name: text.slice(from + 1, to), at: from }));
}

/** Whether it may write by itself; a SELECT may all the same, by a function. */
export function hasWriteWord(text: string, tokens: Tokens): boolean {
  const words = wordsOf(text, tokens);
  return words.some((word, index) => {
    // SELECT ... FOR UPDATE locks.
    const isLock = ['for', 'key'].includes(words[index - 1] ?? '');
    return writing.has(word) && !isLock;
  });
}

const writing = new Set(
  'insert update delete merge truncate create alter drop call do copy refresh'.split(' '),
);

/** What is wrong with a statement wherever its tables are. */
export function problemsOfStatement(
  text: string,
  tokens: Tokens,
  section: Section,
): readonly AppProblem[] {
  const words = wordsOf(text, tokens);
  const [first] = tokens;
  const control = problemOfControl(words, section);
  return [
    ...(control === undefined ? [] : [{ at: first?.from ?? 0, message: control }]),
    ...tokens.flatMap((token): AppProblem[] => {
      const shown = text.slice(token.from, token.to);
      const message = problemOfToken(token.kind, shown, section);
      return message === undefined ? [] : [{ at: token.from, message }];
    }),
  ];
}

function problemOfToken(kind: string, shown: string, section: Section): string | undefined {
  if (kind === 'backslash') return `'${shown.slice(0, 20)}' is a command of psql, and no SQL`;
  if (kind === 'positional') return `write a named parameter such as :id instead of ${shown}`;
  if (kind === 'variable' && shown !== schemaVariable) {
    return `${shown} is not known; ${schemaVariable} is the run's own schema`;
  }
  if (kind === 'parameter' && section !== 'transaction') {
    return `${shown}: only a transaction has parameters; for an array's slice, leave a space behind the colon`;
  }
  return undefined;
}

const controls = ['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'prepare'];

function problemOfControl(words: readonly string[], section: Section): string | undefined {
  const [first = '', second = ''] = words;
  const said = first.toUpperCase();
  if (section === 'invariant') {
    if (['select', 'with', 'values', 'table'].includes(first)) return undefined;
    return 'an invariant is a SELECT of one row for each breach';
  }
  if (first === 'copy' && (words.includes('stdin') || words.includes('stdout'))) {
    return 'COPY cannot be sent data from this file; see the workload `copy`';
  }
  const isOfSavepoint = ['savepoint', 'release'].includes(first) || words.includes('to');
  if (first === 'prepare' && second !== 'transaction') {
    return 'leave out PREPARE: every statement is prepared as it is';
  }
  if (section === 'setup') {
    if (![...controls, 'savepoint', 'release'].includes(first)) return undefined;
    return `leave out ${said}: each statement of @setup is a transaction of its own`;
  }
  if (controls.includes(first) && !(first === 'rollback' && isOfSavepoint)) {
    return `leave out ${said}: Forkpoint begins and commits the transaction`;
  }
  if (first === 'set' && !['local', 'constraints', 'transaction'].includes(second)) {
    return 'use SET LOCAL: SET would hold for the transactions after this one, too';
  }
  return undefined;
}

/** SAVEPOINT, RELEASE and ROLLBACK TO must match within one transaction. */
export function problemsOfSavepoints(
  text: string,
  statements: readonly Tokens[],
): readonly AppProblem[] {
  const open: string[] = [];
  return statements.flatMap((tokens): AppProblem[] => {
    const words = wordsOf(text, tokens);
    const [first = ''] = words;
    const last = words.at(-1) ?? '';
    if (first === 'savepoint') open.push(last);
    if (first !== 'release' && first !== 'rollback') return [];
    const at = open.lastIndexOf(last);
    if (at === -1) {
      return [{ at: tokens[0]?.from ?? 0, message: `there is no savepoint '${last}' here` }];
    }
    open.length = first === 'release' ? at : at + 1;
    return [];
  });
}
