import { isSecretName } from './secret-names.ts';
import { valueAt, type Span } from './value.ts';

/*
 * A name and its value under keys of their own: an environment in a Kubernetes manifest, settings in JSON, properties
 * in XML. Either may come first.
 */

const quote = String.raw`(?:\\*["']|\\+u002[27])?`;
const sign = String.raw`\s*[:=]\s*`;
const nameKey = String.raw`(?<![\w.-])(?:[nN]ame|NAME|[kK]ey|KEY|variable|option|parameter|setting|property|field)`;
const valueKey = String.raw`(?<![\w.-])(?:[vV]alue|VALUE|[vV]al|content)`;
/** Other keys of the same object, and not of the next object. */
const between = String.raw`(?:(?!\n[ \t]*-\s)[^{}<>]){1,200}?`;

const names = new RegExp(`${nameKey}${quote}${sign}${quote}(?<name>[\\w./-]{2,100})${quote}`, 'g');
const valueAfter = new RegExp(`${between}${valueKey}(?<quote>${quote})${sign}`, 'y');
const valueBefore = new RegExp(`${valueKey}(?<quote>${quote})${sign}(?=${between}$)`, 'g');
const elements =
  /<(?:name|key)>\s*(?<name>[\w./-]{2,100})\s*<\/(?:name|key)>\s*<(?:value|string)>/g;
const furthest = 300;

export function pairedSecrets(text: string): readonly Span[] {
  const inPairs = withSecretName(text, names).flatMap(({ from, to }) => {
    valueAfter.lastIndex = to;
    const after = valueAfter.exec(text);
    const start = Math.max(0, from - furthest);
    const before = after
      ? undefined
      : Array.from(text.slice(start, from).matchAll(valueBefore)).at(-1);
    const found = after ?? before;
    return found ? valueOf(text, found, after ? 0 : start) : [];
  });
  const inElements = withSecretName(text, elements).map(({ to }) => ({
    from: to,
    to: endOfElement(text, to),
  }));
  return [...inPairs, ...inElements];
}

function withSecretName(text: string, pattern: RegExp): readonly Span[] {
  return Array.from(text.matchAll(pattern))
    .filter(({ groups }) => isSecretName(groups?.name ?? ''))
    .map(({ 0: whole, index }) => ({ from: index, to: index + whole.length }));
}

/** The value after its key and separator; `offset`: where the searched text begins. */
function valueOf(text: string, key: RegExpExecArray, offset: number): readonly Span[] {
  const at = offset + key.index + key[0].length;
  const closing = key.groups?.quote ?? '';
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const before = text.slice(Math.max(lineStart, at - furthest), at);
  const isLine = closing === '' && /^[ \t]*(?:-[ \t]+)?\w+:\s*$/.test(before);
  return valueAt(text, { at, quote: closing, before, style: isLine ? 'line' : 'word' });
}

function endOfElement(text: string, from: number): number {
  const end = text.indexOf('<', from);
  return end === -1 ? text.length : end;
}
