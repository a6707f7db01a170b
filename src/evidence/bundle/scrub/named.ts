import { isHeader, secretNames } from './secret-names.ts';
import { valueAt, type Span } from './value.ts';
import { aliased, belowKey } from './yaml.ts';

const closing =
  /(?:\\*(?:"{1,2}|'{1,2})|&(?:quot|apos|#0*3[49]|#x2[27]);|%(?:25)*2[27]|\\+u002[27])?/y;
const separators = {
  sign: /[ \t]*(?::=|=>|[:=])[ \t]*/y,
  /** In JSON and YAML the value of a quoted name may stand in the next line. */
  signAfterQuote: /\s*(?::=|=>|[:=])\s*/y,
  encoded:
    /(?:%(?:25)*3[adAD]|\\+u003[adAD]|&(?:amp;)*(?:#0*(?:58|61)|#[xX]0*3[adAD]|equals|colon);)(?:%20|[+ ])*/y,
  /** In SQL the value may follow after line breaks and comments; JSON escapes the breaks with a backslash. */
  sql: /(?:\s|\\+[nrt]|--[^\n]{0,200}\n|\/\*(?:(?!\*\/)[^]){0,500}\*\/)+(?:[tT][oO]\s+)?(?=(?:[eEnNbBxX]|[uU]&)?\\*'|\$\w*\$)/y,
  option: /[ \t]+(?!-)|["']?\s*,\s*(?=\\*["'])/y,
  /** args: [--password, X] */
  bareItem: /[ \t]*,[ \t]*(?!-)/y,
  /** Two items of a list in YAML. */
  nextItem: /[ \t]*\n[ \t]*-[ \t]+(?!-)/y,
  /** `? password`, and its value in the line below. */
  explicitKey: /[ \t]*\n[ \t]*:[ \t]+/y,
  setTo: /\s+[tT][oO]\s+/y,
  setConfig: /[ \t]*,[ \t]*(?=(?:[eEnN]|[uU]&)?')/y,
  tag: /(?:\s[^<>]*)?(?<!\/)>/y,
  /** DETAIL:  Key (password)=(X) already exists. */
  keyColumns: /[\w", ]*\)=\(/y,
};

/** Missing where a log was cut before it. */
const endOfKey = /\)(?=$| (?:already|is|conflicts)|[."'\\\n])|\n|$/g;

/** Finds the values of secret names. */
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
  const written = closing.exec(text)?.[0] ?? '';
  const separator = separatorAt(text, end + written.length, { before, quote: written });
  if (separator === undefined) return [];
  const start = end + written.length + separator.length;
  // Quotes around a key of YAML say nothing about its value.
  const quote = isExplicitKey(before) ? '' : written;
  const opensLine =
    /^[ \t]*(?:[-#>?][ \t]+)*(?:export |set |-e |Environment=|declare -x )?["']?[\w.-]*$/i;
  const isFirst = at - lineStart < 300 && quote.length < 2 && opensLine.test(before);
  if (/(?<!=)>$/.test(separator)) return upTo(text, start, /</g);
  if (separator.endsWith(')=(')) return upTo(text, start, endOfKey);
  if (isFirst && separator.includes(':')) {
    const inYaml = belowKey(text, { lineStart, at: start });
    if (inYaml) return inYaml;
  }
  // An environment as a list of words: "PGPASSWORD=two words".
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
    ...(/\[[^\]]*--?[\w.-]*$/.test(before) ? [separators.bareItem] : []),
    ...(/^[ \t]*-[ \t]+["']?--?[\w.-]*$/.test(before) ? [separators.nextItem] : []),
    ...(isExplicitKey(before) ? [separators.explicitKey] : []),
    ...(/\bset\s+(?:(?:local|session)\s+)?[\w."]*$/i.test(before) ? [separators.setTo] : []),
    ...(/\bKey \([^()]*$/.test(before) ? [separators.keyColumns] : []),
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

/** `? password` of YAML. */
function isExplicitKey(before: string): boolean {
  return /^[ \t]*(?:-[ \t]+)?\?[ \t]+["']?[\w.-]*$/.test(before);
}

function upTo(text: string, from: number, closer: RegExp): readonly Span[] {
  closer.lastIndex = from;
  const to = closer.exec(text)?.index ?? from;
  return to > from ? [{ from, to }] : [];
}

/** `Bearer` and `Basic` stay: they help a reader and are no secret. */
function withoutScheme(text: string, span: Span): Span {
  const scheme = /^(?:basic|bearer|digest|negotiate|token)\s+/i.exec(
    text.slice(span.from, span.to),
  );
  return { ...span, from: span.from + (scheme?.[0].length ?? 0) };
}
