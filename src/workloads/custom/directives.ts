import { builtIn, generatorForms, generatorOf, type Generator } from './generators.ts';

/** What a line `-- @word ...` says. */
export type Directive =
  | { readonly kind: 'setup' }
  | { readonly kind: 'transaction'; readonly name: string; readonly weight: number }
  | { readonly kind: 'invariant'; readonly name: string; readonly says: string }
  | { readonly kind: 'param'; readonly name: string; readonly generator: Generator }
  | { readonly kind: 'rows'; readonly touches: readonly [least: number, most: number] };

const name = '([A-Za-z][A-Za-z0-9_-]{0,39})';

interface Form {
  /** How it is written, for messages. */
  readonly form: string;
  readonly pattern: RegExp;
  readonly read: (parts: readonly string[]) => Directive | string;
}

const forms: Readonly<Record<string, Form>> = {
  setup: { form: '-- @setup', pattern: /^$/, read: () => ({ kind: 'setup' }) },
  transaction: {
    form: '-- @transaction NAME, or -- @transaction NAME weight 3',
    pattern: new RegExp(`^${name}(?: weight (\\d{1,6}))?$`),
    read: ([named = '', weight = '1']) =>
      Number(weight) === 0
        ? 'weight must be at least 1'
        : { kind: 'transaction', name: named, weight: Number(weight) },
  },
  invariant: {
    form: '-- @invariant NAME: what must hold, in words',
    pattern: new RegExp(`^${name}: *(\\S.*)$`),
    read: ([named = '', says = '']) => ({ kind: 'invariant', name: named, says }),
  },
  param: {
    form: '-- @param NAME GENERATOR, such as -- @param id range(1, 100)',
    pattern: /^:?([A-Za-z_]\w{0,39}) +(\S.*)$/,
    read: ([named = '', text = '']) => {
      if (Object.hasOwn(builtIn, named)) return `:${named} is always there; use another name`;
      const generator = generatorOf(text);
      if (generator === undefined) return `'${text}' is no generator; known: ${generatorForms}`;
      return typeof generator === 'string'
        ? `:${named}: ${generator}`
        : { kind: 'param', name: named, generator };
    },
  },
  rows: {
    form: '-- @rows 1, -- @rows 1..3 or -- @rows 1..',
    pattern: /^(\d{1,9})(\.\.(\d{1,9})?)?$/,
    read: ([least = '', range, most]) => {
      const from = Number(least);
      const to = most === undefined ? (range === undefined ? from : Infinity) : Number(most);
      return from > to ? 'the smaller number comes first' : { kind: 'rows', touches: [from, to] };
    },
  },
};

/** The directive of a line comment; undefined: it is a comment. A text: what is wrong with it. */
export function directiveOf(comment: string): Directive | string | undefined {
  const [, word, rest = ''] = /^--\s*@(\w*)\s*(.*?)\s*$/.exec(comment) ?? [];
  if (word === undefined) return undefined;
  const form = Object.hasOwn(forms, word) ? forms[word] : undefined;
  if (!form) {
    const known = Object.keys(forms).map((each) => `@${each}`);
    return `there is no @${word}; known: ${known.join(', ')}`;
  }
  const parts = form.pattern.exec(rest);
  return parts ? form.read(parts.slice(1)) : `must be written as ${form.form}`;
}
