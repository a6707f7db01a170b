import type { Span } from './value.ts';

/**
 * The lines below a YAML key that belong to its value: a block, a continued text or list, a mapping.
 * Undefined when the value ends with the line.
 */
export function belowKey(
  text: string,
  { lineStart, at }: { readonly lineStart: number; readonly at: number },
): readonly Span[] | undefined {
  const lineEnd = endOfLine(text, at);
  const first = text.slice(at, lineEnd);
  if (/^[[{]/.test(first)) return undefined;
  const indent = indentOf(text, lineStart);
  const isHeader = /^(?:[&!]\S+[ \t]*)*(?:[|>][-+\d]*)?[ \t]*(?:#.*)?$/.test(first);
  // A list may stand at its key's own indent, unless the key is an item itself.
  const mayList = isHeader && text[lineStart + indent] !== '-';
  const isItem = (from: number) =>
    mayList &&
    indentOf(text, from) === indent &&
    /^-\s/.test(text.slice(from + indent, from + indent + 2));
  const lines: Span[] = [];
  for (let from = lineEnd + 1; from < text.length;) {
    const to = endOfLine(text, from);
    const isBlank = text.slice(from, to).trim() === '';
    if (!isBlank && indentOf(text, from) <= indent && !isItem(from)) break;
    if (!isBlank) lines.push(withoutName(text, { from, to }));
    from = to + 1;
  }
  if (lines.length === 0) return undefined;
  return isHeader ? lines : [{ from: at, to: lineEnd }, ...lines];
}

/** The value that a YAML alias refers to. */
export function aliased(text: string, at: number): readonly Span[] | undefined {
  const alias = /\*([\w.-]+)/y;
  alias.lastIndex = at;
  const name = alias.exec(text)?.[1];
  if (name === undefined) return undefined;
  const anchor = new RegExp(String.raw`&${RegExp.escape(name)}[ \t]+`).exec(text);
  if (!anchor) return undefined;
  const from = anchor.index + anchor[0].length;
  return [{ from, to: endOfLine(text, from) }];
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function indentOf(text: string, lineStart: number): number {
  const spaces = /[ \t]*/y;
  spaces.lastIndex = lineStart;
  return spaces.exec(text)?.[0].length ?? 0;
}

/** The text after the mark in `- X` and `name: X`; else the line without its indent. */
function withoutName(text: string, { from, to }: Span): Span {
  const mark = /[ \t]*(?:-[ \t]+)?(?:["']?[\w.-]+["']?:[ \t]+)?/.exec(text.slice(from, to));
  return { from: from + (mark?.[0].length ?? 0), to };
}
