import { isHeader, secretNames } from './secret-names.ts';
import { valueAt, type Span } from './value.ts';
import { aliased, belowKey } from './yaml.ts';

const closing = /(?:\\*(?:"{1,2}|'{1,2})|&(?:quot|apos|#0*3[49]|#x2[27]);|%(?:25)*2[27])?/y;
const separators = {
  sign: /[ \t]*(?::=|=>|[:=])[ \t]*/y,
  /** JSON and YAML may go on in the next line once a name was quoted. */
  signAfterQuote: /\s*(?::=|=>|[:=])\s*/y,
  encoded: /%(?:25)*3[adAD](?:%20|\+)*/y,
  sql: /[ \t]+(?:[tT][oO][ \t]+)?(?=(?:[eEnNbBxX]|[uU]&)?\\*'|\$\w*\$)/y,
  option: /[ \t]+(?!-)|["']?[ \t]*,[ \t]*(?=\\*["'])/y,
  setConfig: /[ \t]*,[ \t]*(?=(?:[eEnN]|[uU]&)?')/y,
  tag: />/y,
};

/** Where the values of secret names stand. */
export function namedSecrets(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const found of text.matchAll(secretNames())) {
    spans.push(...valuesOf(text, found.index, found[0]));
  }
  return spans;
}

function valuesOf(text: string, at: number, word: string): readonly Span[] {
  const lineStart = text.lastIndexOf('\n', at) + 1;
  const before = text.slice(Math.max(lineStart, at - 300), at);
  const end = at + word.length;
  closing.lastIndex = end;
  const quote = closing.exec(text)?.[0] ?? '';
  const separator = separatorAt(text, end + quote.length, { before, quote });
  if (separator === undefined) return [];
  const start = end + quote.length + separator.length;
  const opensLine =
    /^[ \t]*(?:[-#>][ \t]+)*(?:export |set |-e |Environment=|declare -x )?["']?[\w.-]*$/i;
  const isFirst = at - lineStart < 300 && quote.length < 2 && opensLine.test(before);
  if (separator === '>') return upTo(text, start, '<');
  if (isFirst && separator.includes(':')) {
    const inYaml = belowKey(text, { lineStart, at: start });
    if (inYaml) return inYaml;
  }
  // A list of an environment's words: "PGPASSWORD=two words".
  const isEntry = /(?:^|[^\\])["'][A-Z\d_]*$/.test(before) && /^[A-Z\d_]+$/.test(word);
  const isLine = ((isFirst || isEntry) && !quote && /[:=]/.test(separator)) || isHeader(word);
  const alias = aliased(text, start);
  if (alias) return alias;
  const spans = valueAt(text, { at: start, quote, before, style: isLine ? 'line' : 'word' });
  return isHeader(word) ? spans.map((span) => withoutScheme(text, span)) : spans;
}

function separatorAt(
  text: string,
  at: number,
  { before, quote }: { readonly before: string; readonly quote: string },
): string | undefined {
  const kinds = [
    quote === '' ? separators.sign : separators.signAfterQuote,
    separators.encoded,
    ...(quote === '' ? [separators.sql] : []),
    ...(/(?:^|[\s"'[(,])--?[\w.-]*$/.test(before) ? [separators.option] : []),
    ...(/set_config\s*\(\s*'[^']*$/i.test(before) ? [separators.setConfig] : []),
    ...(/<[\w:.-]*$/.test(before) ? [separators.tag] : []),
  ];
  for (const kind of kinds) {
    kind.lastIndex = at;
    const found = kind.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

function upTo(text: string, from: number, closer: string): readonly Span[] {
  const to = text.indexOf(closer, from);
  return to > from ? [{ from, to }] : [];
}

/** `Bearer` and `Basic` are of use to a reader. */
function withoutScheme(text: string, span: Span): Span {
  const scheme = /^(?:basic|bearer|digest|negotiate|token)\s+/i.exec(
    text.slice(span.from, span.to),
  );
  return { ...span, from: span.from + (scheme?.[0].length ?? 0) };
}
