import type { Ranges } from '../../contracts/evidence.ts';

/** As readback.json is written: without a space. */
const before = '"present":';
const end = ']]';

interface MaybeReadBack {
  readonly nodes?: readonly { readonly writers?: readonly { present?: unknown }[] }[];
}

/**
 * readback.json as JSON.parse reads it, but for the rows of nodes that agree, which are there once: a million ranges take 70 MB
 * a node.
 * Errors: those of JSON.parse.
 */
export function parseReadBack(text: string): unknown {
  const rows: Ranges[] = [];
  const known = new Map<string, number>();
  const rest: string[] = [];
  let from = 0;
  for (;;) {
    const at = text.indexOf(`${before}[[`, from);
    const until = at < 0 ? -1 : text.indexOf(end, at);
    if (until < 0) break;
    const list = text.slice(at + before.length, until + end.length);
    let number = known.get(list);
    if (number === undefined) {
      number = rows.push(JSON.parse(list) as Ranges) - 1;
      known.set(list, number);
    }
    rest.push(text.slice(from, at), before, String(number));
    from = until + end.length;
  }
  const value = JSON.parse(rest.join('') + text.slice(from)) as MaybeReadBack | null;
  for (const { writers = [] } of value?.nodes ?? []) {
    for (const reading of writers) {
      if (typeof reading.present === 'number') reading.present = rows[reading.present];
    }
  }
  return value;
}
