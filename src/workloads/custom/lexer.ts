/** One token of PostgreSQL's SQL, as far as splitting it into statements and finding its parameters needs. */
export interface Token {
  /**
   * word: an identifier without quotes, or a keyword. parameter: `:name`. schema: `:"schema"`. positional: `$1`. text: a constant or an
   * identifier in quotes. other: numbers and operators, `::` and `:=` among them.
   */
  readonly kind:
    | 'comment'
    | 'word'
    | 'parameter'
    | 'variable'
    | 'positional'
    | 'text'
    | 'semicolon'
    | 'open'
    | 'close'
    | 'backslash'
    | 'other';
  /** Offsets in the file's text; `to` is past its end. */
  readonly from: number;
  readonly to: number;
}

/** A text that never ends, or a character that no SQL has. */
export class LexicalError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'LexicalError';
    this.at = at;
  }
}

interface Pattern {
  readonly kind: Token['kind'];
  /** Sticky. */
  readonly expression: RegExp;
}

/**
 * In this order, as psql reads them with standard_conforming_strings on. An array slice with a name behind its colon
 * (`a[1:n]`) reads as a parameter here, as in psql.
 * Source: PostgreSQL, psqlscan.l.
 */
const patterns: readonly Pattern[] = [
  { kind: 'comment', expression: /--[^\n\r]*/y },
  // With backslashes: E'it\'s'. All other constants end at the first quote that is not doubled.
  { kind: 'text', expression: /[eE]'(?:[^'\\]|''|\\[^])*'/y },
  { kind: 'text', expression: /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y },
  { kind: 'text', expression: /(?:[uU]&)?"(?:[^"]|"")*"/y },
  { kind: 'text', expression: /\$((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[^]*?\$\1\$/y },
  { kind: 'positional', expression: /\$\d+/y },
  { kind: 'word', expression: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y },
  { kind: 'other', expression: /\d[\w.]*/y },
  { kind: 'other', expression: /::|:=/y },
  { kind: 'parameter', expression: /:[A-Za-z_]\w*/y },
  { kind: 'variable', expression: /:["'][^"'\n]*["']/y },
  { kind: 'semicolon', expression: /;/y },
  { kind: 'open', expression: /\(/y },
  { kind: 'close', expression: /\)/y },
  { kind: 'backslash', expression: /\\[^\n\r]*/y },
];

const space = /\s+/y;
/** What begins a text whose end the patterns have not found. */
const unended: readonly (readonly [RegExp, string])[] = [
  [/(?:[bBxXnNeE]|[uU]&)?'/y, "this text in quotes never ends: a ' is missing"],
  [/(?:[uU]&)?"/y, 'this name in quotes never ends: a " is missing'],
  [/\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y, 'this text in dollar quotes never ends'],
];

/** Errors: LexicalError. */
export function* tokensOf(text: string): Generator<Token> {
  for (let at = 0; at < text.length;) {
    const blank = endOf(space, text, at);
    if (blank !== undefined) {
      at = blank;
      continue;
    }
    const token = tokenAt(text, at);
    at = token.to;
    yield token;
  }
}

function tokenAt(text: string, from: number): Token {
  if (text.startsWith('/*', from)) return { kind: 'comment', from, to: endOfBlock(text, from) };
  for (const [expression, message] of unended) {
    const begun = endOf(expression, text, from);
    if (begun !== undefined && !isWhole(text, from)) throw new LexicalError(message, from);
  }
  for (const { kind, expression } of patterns) {
    const to = endOf(expression, text, from);
    if (to !== undefined) return { kind, from, to };
  }
  return { kind: 'other', from, to: from + 1 };
}

function isWhole(text: string, from: number): boolean {
  return patterns.some(({ kind, expression }) => {
    return kind === 'text' && endOf(expression, text, from) !== undefined;
  });
}

/** Block comments nest. */
function endOfBlock(text: string, from: number): number {
  let depth = 0;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  for (let found = edge.exec(text); found; found = edge.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  throw new LexicalError('this comment never ends: a */ is missing', from);
}

function endOf(expression: RegExp, text: string, from: number): number | undefined {
  expression.lastIndex = from;
  return expression.test(text) ? expression.lastIndex : undefined;
}
