import type {
  App,
  AppInvariant,
  AppParameter,
  AppProblem,
  AppStatement,
  AppTransaction,
} from './app.ts';
import {
  parametersOf,
  problemsOfSavepoints,
  problemsOfStatement,
  type Section,
} from './check-statement.ts';
import { type Directive, directiveOf } from './directives.ts';
import { builtIn } from './generators.ts';
import { LexicalError, type Token, tokensOf } from './lexer.ts';
import { partsOf, type Tokens } from './statements.ts';

type Open<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer E)[] ? E[] : T[Key] };

/** Reads a file of `workload: custom`: what it says, and everything that is wrong with it. */
export function readApp(text: string): {
  readonly app: App;
  readonly problems: readonly AppProblem[];
} {
  const reader = new AppReader(text);
  try {
    for (const part of partsOf(text, tokensOf(text))) {
      if (part.kind === 'comment') reader.comment(part.token, part.isWithin);
      else reader.statement(part.tokens);
    }
  } catch (error) {
    if (!(error instanceof LexicalError)) throw error;
    return { app: reader.app, problems: [...reader.problems, error] };
  }
  reader.end();
  return { app: reader.app, problems: reader.problems.toSorted((a, b) => a.at - b.at) };
}

class AppReader {
  readonly problems: AppProblem[] = [];
  readonly #text: string;
  readonly #parameters: AppParameter[] = [];
  readonly #setup: AppStatement[] = [];
  readonly #transactions: Open<AppTransaction>[] = [];
  readonly #invariants: Open<AppInvariant>[] = [];
  #section: Section | undefined;
  /** A @rows that waits for its statement. */
  #rows: { readonly at: number; readonly touches: readonly [number, number] } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get app(): App {
    return {
      text: this.#text,
      parameters: this.#parameters,
      setup: this.#setup,
      transactions: this.#transactions,
      invariants: this.#invariants,
    };
  }

  comment({ from, to }: Token, isWithin: boolean): void {
    const directive = directiveOf(this.#text.slice(from, to));
    if (directive === undefined) return;
    if (typeof directive === 'string') {
      this.#complain(from, directive);
      return;
    }
    const line = this.#text.slice(this.#text.lastIndexOf('\n', from - 1) + 1, from);
    if (isWithin) {
      this.#complain(from, `@${directive.kind} stands in a statement: is a ; missing before?`);
      return;
    }
    if (line.trim() !== '') {
      this.#complain(from, `@${directive.kind} must stand on a line of its own`);
      return;
    }
    this.#obey(directive, from);
  }

  #obey(directive: Directive, at: number): void {
    if (directive.kind !== 'rows' && directive.kind !== 'param') this.#endRows();
    const transaction = this.#section === 'transaction' ? this.#transactions.at(-1) : undefined;
    switch (directive.kind) {
      case 'setup':
        this.#section = 'setup';
        return;
      case 'transaction':
        this.#named(this.#transactions, directive.name, at);
        this.#section = 'transaction';
        this.#transactions.push({ ...directive, at, parameters: [], statements: [] });
        return;
      case 'invariant':
        this.#named(this.#invariants, directive.name, at);
        this.#section = 'invariant';
        this.#invariants.push({ ...directive, at, statements: [] });
        return;
      case 'param': {
        this.#parameter({ name: directive.name, generator: directive.generator, at });
        return;
      }
      case 'rows':
        this.#endRows();
        if (!transaction) this.#complain(at, '@rows stands before a statement of a transaction');
        else this.#rows = { at, touches: directive.touches };
    }
  }

  #named(those: readonly { readonly name: string }[], name: string, at: number): void {
    if (those.some((other) => other.name === name)) this.#complain(at, `'${name}' is there twice`);
  }

  #parameter(parameter: AppParameter): void {
    const transaction = this.#section === 'transaction' ? this.#transactions.at(-1) : undefined;
    const own = this.#section === undefined ? this.#parameters : transaction?.parameters;
    const { name, at } = parameter;
    if (!own) {
      this.#complain(at, '@param stands before the first section or in a transaction');
      return;
    }
    const known = [...this.#parameters, ...own];
    if (known.some((other) => other.name === name)) {
      this.#complain(at, `:${name} is declared twice`);
      return;
    }
    own.push(parameter);
  }

  statement(tokens: Tokens): void {
    const at = tokens[0]?.from ?? 0;
    const section = this.#section;
    if (section === undefined) {
      const message = 'a statement before the first -- @setup, -- @transaction or -- @invariant';
      this.#complain(at, message);
      return;
    }
    this.problems.push(...problemsOfStatement(this.#text, tokens, section));
    const statement = { tokens, ...(this.#rows && { touches: this.#rows.touches }) };
    this.#rows = undefined;
    if (section === 'setup') this.#setup.push(statement);
    if (section === 'transaction') this.#transactions.at(-1)?.statements.push(statement);
    if (section === 'invariant') this.#invariants.at(-1)?.statements.push(statement);
  }

  end(): void {
    this.#endRows();
    const used = new Set<AppParameter>();
    for (const transaction of this.#transactions) this.#endTransaction(transaction, used);
    for (const { name, at } of this.#parameters.filter((each) => !used.has(each))) {
      this.#complain(at, `:${name} is declared, and no transaction uses it`);
    }
    for (const { name, at, statements } of this.#invariants) {
      if (statements.length === 1) continue;
      this.#complain(at, `invariant ${name} has ${statements.length} statements, and needs one`);
    }
    if (this.#transactions.length > 0) return;
    this.#complain(0, 'there is no transaction: begin one with a line -- @transaction NAME');
  }

  #endTransaction({ name, at, parameters, statements }: AppTransaction, used: Set<AppParameter>) {
    if (statements.length === 0) this.#complain(at, `transaction ${name} has no statement`);
    const known = [...this.#parameters, ...parameters];
    for (const { tokens } of statements) {
      for (const found of parametersOf(this.#text, tokens)) {
        const parameter = known.find((each) => each.name === found.name);
        if (parameter) used.add(parameter);
        else if (!Object.hasOwn(builtIn, found.name)) this.#undeclared(found);
      }
    }
    for (const parameter of parameters.filter((each) => !used.has(each))) {
      this.#complain(parameter.at, `:${parameter.name} is declared, and ${name} does not use it`);
    }
    const all = statements.map(({ tokens }) => tokens);
    this.problems.push(...problemsOfSavepoints(this.#text, all));
  }

  #undeclared({ name, at }: { readonly name: string; readonly at: number }): void {
    const how = `declare it in a line such as -- @param ${name} range(1, 100)`;
    this.#complain(at, `:${name} has no generator: ${how}`);
  }

  #endRows(): void {
    if (this.#rows) this.#complain(this.#rows.at, '@rows has no statement behind it');
    this.#rows = undefined;
  }

  #complain(at: number, message: string): void {
    this.problems.push({ at, message });
  }
}
