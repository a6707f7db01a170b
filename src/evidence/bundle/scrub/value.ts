import { readQuoted } from './quoted.ts';

/** What is to be masked, from place to place. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Put around the mask: a JSON number becomes a string. */
  readonly around?: string;
}

export interface ValueAt {
  readonly at: number;
  /** The quote that closed the name, with the backslashes before it: a bare value after it is JSON. */
  readonly quote: string;
  readonly before: string;
  readonly style: 'word' | 'line';
}

const harmless =
  /^(?:null|true|false|none|on|off|yes|no|undefined|default|\*+|scram-sha-256|md5)$/i;

/** The spans of the value that begins at a place. */
export function valueAt(text: string, place: ValueAt): readonly Span[] {
  const at = skipMarks(text, place.at);
  if (text[at] === '[' || text[at] === '{') return insideBrackets(text, at, place.quote);
  if (isQuoteAt(text, at)) return quotedWords(text, at);
  const to = bareEnd(text, at, place);
  const word = text.slice(at, to);
  if (word === '' || harmless.test(word)) return [];
  return [{ from: at, to, ...(isJson(place.quote) ? { around: place.quote } : {}) }];
}

/** YAML anchors and tags stand before the value. */
function skipMarks(text: string, at: number): number {
  const marks = /(?:[&!][\w!:/.,-]*[ \t]+)*/y;
  marks.lastIndex = at;
  marks.exec(text);
  return marks.lastIndex;
}

function isJson(quote: string): boolean {
  return quote.endsWith('"');
}

function isQuoteAt(text: string, at: number): boolean {
  return readQuoted(text, at) !== undefined;
}

/** A shell puts quoted words together: 'it'\''s'. */
function quotedWords(text: string, at: number): readonly Span[] {
  const spans: Span[] = [];
  for (let next = at; ;) {
    const found = readQuoted(text, next);
    if (!found) break;
    const { from, to, end } = found;
    if (to > from && !harmless.test(text.slice(from, to))) spans.push({ from, to });
    next = end;
    const joined = /(?:\\'(?=')|[\w@#%^*+=~.-])+/y;
    joined.lastIndex = end;
    if (/['"]/.test(text[end - 1] ?? '') && joined.test(text)) {
      next = joined.lastIndex;
      spans.push({ from: end, to: next });
    }
    // Any other quote closes the text around the value.
    if (!/^(?:'[^\s,;:)}\]'"]|"[^\s,;:)}\]'"])/.test(text.slice(next, next + 2))) break;
  }
  return spans;
}

function bareEnd(text: string, at: number, { quote, before, style }: ValueAt): number {
  // Quotes within a word belong to it; before a break they belong to the text around it.
  let pattern = String.raw`(?:\\(?!\\*["'])[^\n]|["'](?=\w)|[^\s"'\\])*`;
  if (isJson(quote)) pattern = String.raw`[^\s,}\]"'\\]*`;
  else if (/[?&][\w.-]*$/.test(before)) pattern = String.raw`[^\s&#"'\\]*`;
  else if (style === 'line') pattern = lineEnd(before);
  const bare = new RegExp(pattern, 'y');
  bare.lastIndex = at;
  bare.exec(text);
  const word = text.slice(at, bare.lastIndex);
  return at + (style === 'line' ? word : word.replace(/[,;)}\]>]+$/, '')).trimEnd().length;
}

/** Up to the end of the line, or of the quotes around this part of it. */
function lineEnd(before: string): string {
  const open = /(\\*["'])[^"']*$/.exec(before)?.[1];
  if (open === undefined) return '[^\\n]*';
  return String.raw`(?:\\(?!\\*["'])[^\n]|[^\n${open.slice(-1)}\\])*`;
}

/** Every value within brackets, however deep. Names stay. */
function insideBrackets(text: string, at: number, quote: string): readonly Span[] {
  const spans: Span[] = [];
  const limit = Math.min(text.length, at + 100_000);
  for (let [index, depth] = [at, 0]; index < limit;) {
    const character = text[index] ?? '';
    if ('[{'.includes(character)) depth++;
    if (']}'.includes(character) && --depth === 0) break;
    const found = /["'\\]/.test(character) ? readQuoted(text, index) : undefined;
    const bare = found ? undefined : bareInBrackets(text, index);
    const [from, to, end] = found
      ? [found.from, found.to, found.end]
      : [index, bare ?? index, bare ?? index + 1];
    const isName = /^\s*(?::|=)/.test(text.slice(end, end + 10));
    if (to > from && !isName && !harmless.test(text.slice(from, to))) {
      spans.push({ from, to, ...(!found && isJson(quote) ? { around: quote } : {}) });
    }
    index = Math.max(end, index + 1);
  }
  return spans;
}

function bareInBrackets(text: string, at: number): number | undefined {
  const bare = /[^\s,:[\]{}"'\\][^\s,[\]{}"'\\]*/y;
  bare.lastIndex = at;
  return bare.exec(text) ? bare.lastIndex : undefined;
}
