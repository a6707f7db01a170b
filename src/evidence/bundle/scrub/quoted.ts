/** A quoted text: where its content begins and ends, and where the text after it begins. */
export interface Quoted {
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

interface Opening {
  readonly quote: string;
  /** Before each quote of the text: 1 in JSON within JSON, 3 one deeper. */
  readonly backslashes: number;
  /** Quotes in a row: 2 in SQL within SQL, and in CSV. */
  readonly run: number;
}

const opening =
  /(?:[eEnNbBxX](?=\\*')|[uU]&(?=\\*['"]))?(?:(\\*)('+|"+)|(&(?:quot|apos|#0*3[49]|#x2[27]);|%(?:25)*2[27]|\\+u002[27])|(\$\w*\$))/y;
const longest = 10_000;

/**
 * Reads the quoted text that begins at a place: '..', "..", with backslashes before each quote, with doubled quotes,
 * E'..', U&'..', $tag$..$tag$, &quot;..&quot;, %22..%22,
 * \u0022..\u0022. One without an end ends with the line: a log may be cut.
 */
export function readQuoted(text: string, at: number): Quoted | undefined {
  opening.lastIndex = at;
  const found = opening.exec(text);
  if (!found) return undefined;
  const [whole, backslashes = '', quotes = '', entity, dollar] = found;
  const from = at + whole.length;
  const closing = entity ?? dollar;
  if (closing !== undefined) return upTo(text, from, closing);
  const quote = quotes.slice(0, 1);
  return readRuns(text, from, { quote, backslashes: backslashes.length, run: quotes.length });
}

function upTo(text: string, from: number, closing: string): Quoted {
  const to = text.slice(from, from + longest).indexOf(closing) + from;
  return to < from ? cut(text, from) : { from, to, end: to + closing.length };
}

function cut(text: string, from: number): Quoted {
  const line = text.indexOf('\n', from);
  const to = line === -1 ? text.length : line;
  return { from, to, end: to };
}

function readRuns(text: string, from: number, { quote, backslashes, run }: Opening): Quoted {
  const isEmpty = run === 2 && /[\s,;)}\]:]|["']/.test(text[from] ?? ' ');
  if (isEmpty) return { from: from - 1, to: from - 1, end: from };
  // An odd run opens once, and the text begins with quotes.
  const size = run % 2 === 0 ? run : 1;
  const start = from - (run - size);
  for (const { index, before, length } of runsOf(quote, text, from)) {
    // This quote belongs to the surrounding text: the quoted one was cut.
    if (before < backslashes || length < size) {
      return { from: start, to: index - before, end: index - before };
    }
    const escapes = Math.floor((before - backslashes) / (backslashes + 1));
    if (escapes % 2 === 1 || (escapes > 0 && /\w/.test(text[index + length] ?? ''))) continue;
    const times = Math.floor(length / size);
    if (times % 2 === 0) continue;
    const to = index + (times - 1) * size;
    return { from: start, to: times === 1 ? to - backslashes : to, end: to + size };
  }
  return cut(text, start);
}

/** Each run of a quote on this line, and how many backslashes stand before it. */
function* runsOf(quote: string, text: string, from: number) {
  for (let index = from; index < text.length && text[index] !== '\n'; index++) {
    if (text[index] !== quote) continue;
    let [before, length] = [0, 1];
    while (index - before > from && text[index - before - 1] === '\\') before++;
    while (text[index + length] === quote) length++;
    yield { index, before, length };
    index += length - 1;
  }
}
