import type { WorkloadFile } from '../../contracts/scenario.ts';
import type { Statement, StatementSource } from '../../contracts/workload.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import type { AppStatement } from './app.ts';
import { hasWriteWord } from './check-statement.ts';
import type { Lines } from './lines.ts';
import type { Token } from './lexer.ts';

/** A statement as the server gets it: `$1`, `$2`, ... instead of names. */
export interface Compiled {
  readonly text: string;
  /** The names of `$1`, `$2`, ... */
  readonly parameters: readonly string[];
  readonly touches?: Statement['touches'];
  /** By its words; a SELECT may call a function that does. */
  readonly mayWrite: boolean;
  readonly source: StatementSource;
}

export function compile(
  { file, lines }: { readonly file: WorkloadFile; readonly lines: Lines },
  statement: AppStatement,
  schema: string,
): Compiled {
  const { tokens, touches } = statement;
  const parts = new Parts(file.text, lines, tokens[0]?.from ?? 0);
  const parameters: string[] = [];
  for (const token of tokens) {
    const written = file.text.slice(token.from, token.to);
    if (token.kind === 'variable') parts.replace(token, quoteIdentifier(schema));
    if (token.kind !== 'parameter') continue;
    const name = written.slice(1);
    if (!parameters.includes(name)) parameters.push(name);
    parts.replace(token, `$${parameters.indexOf(name) + 1}`);
  }
  parts.end(tokens.at(-1)?.to ?? 0);
  const source = { file: file.name, parameters, marks: parts.marks };
  const mayWrite = hasWriteWord(file.text, tokens);
  return { text: parts.text, parameters, mayWrite, source, ...(touches && { touches }) };
}

/** A text made from a file's, which knows where each of its lines and pieces comes from. */
class Parts {
  text = '';
  readonly marks: StatementSource['marks'][number][] = [];
  readonly #file: string;
  readonly #lines: Lines;
  /** Everything before it is copied. */
  #at: number;

  constructor(file: string, lines: Lines, from: number) {
    this.#file = file;
    this.#lines = lines;
    this.#at = from;
  }

  replace({ from, to }: Token, by: string): void {
    this.#copy(from);
    this.#mark(from);
    this.text += by;
    this.#at = to;
  }

  end(to: number): void {
    this.#copy(to);
  }

  #copy(to: number): void {
    for (const line of this.#file.slice(this.#at, to).split(/(?<=\n)/)) {
      if (line === '') continue;
      this.#mark(this.#at);
      this.text += line;
      this.#at += line.length;
    }
  }

  #mark(at: number): void {
    this.marks.push({ at: this.text.length, ...this.#lines.at(at) });
  }
}
