/** Markup that is safe to insert into a page: only `html` makes it. */
export interface Markup {
  readonly text: string;
}

type Part = Markup | string | number | undefined | readonly (Markup | undefined)[];

/** Builds markup; every value is escaped unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const text = strings.reduce((all, string, index) => all + textOf(parts[index - 1]) + string);
  return { text };
}

/** For a script element that holds data: no sequence in it can end the element. */
export function jsonData(id: string, value: unknown): Markup {
  const text = JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return { text: `<script type="application/json" id="${escaped(id)}">${text}</script>` };
}

/** Code of Forkpoint or a library, unescaped; it must not contain the end tag of its element. */
export function inlined(element: 'script' | 'style', code: string): Markup {
  return { text: `<${element}>${code.replaceAll(`</${element}`, `<\\/${element}`)}</${element}>` };
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(part);
  if ('text' in part) return part.text;
  return part.map((each) => each?.text ?? '').join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters could move the cursor of a terminal that prints the page, and HTML does not allow them. */
export function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
