import type { Token } from './lexer.ts';

/** The tokens of one statement, without its semicolon and without comments. */
export type Tokens = readonly Token[];

/** A statement, or a comment between statements. */
export type Part =
  | { readonly kind: 'statement'; readonly tokens: Tokens; readonly isEnded: boolean }
  | { readonly kind: 'comment'; readonly token: Token; readonly isWithin: boolean };

/** Splits at semicolons as psql does: none counts in parentheses or between BEGIN ATOMIC and its END. */
export function* partsOf(text: string, tokens: Iterable<Token>): Generator<Part> {
  let current = new Splitter(text);
  for (const token of tokens) {
    if (token.kind === 'comment') {
      yield { kind: 'comment', token, isWithin: current.tokens.length > 0 };
    } else if (token.kind !== 'semicolon' || current.isNested) {
      current.take(token);
    } else {
      if (current.tokens.length > 0)
        yield { kind: 'statement', tokens: current.tokens, isEnded: true };
      current = new Splitter(text);
    }
  }
  if (current.tokens.length > 0)
    yield { kind: 'statement', tokens: current.tokens, isEnded: false };
}

/** The words of a statement in lower case, so without what stands in quotes. */
export function wordsOf(text: string, tokens: Tokens): readonly string[] {
  return tokens
    .filter(({ kind }) => kind === 'word')
    .map(({ from, to }) => text.slice(from, to).toLowerCase());
}

const bodied = /^create (?:or replace )?(?:function|procedure)/;

/** Source: PostgreSQL, psqlscan.l: begin_depth. */
class Splitter {
  readonly tokens: Token[] = [];
  readonly #text: string;
  readonly #words: string[] = [];
  #parentheses = 0;
  #bodies = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isNested(): boolean {
    return this.#parentheses > 0 || this.#bodies > 0;
  }

  take(token: Token): void {
    this.tokens.push(token);
    if (token.kind === 'open') this.#parentheses++;
    if (token.kind === 'close') this.#parentheses--;
    if (token.kind !== 'word') return;
    const word = this.#text.slice(token.from, token.to).toLowerCase();
    if (this.#words.length < 4) this.#words.push(word);
    if (this.#parentheses > 0 || !bodied.test(this.#words.join(' '))) return;
    if (word === 'begin' || (word === 'case' && this.#bodies > 0)) this.#bodies++;
    if (word === 'end' && this.#bodies > 0) this.#bodies--;
  }
}
