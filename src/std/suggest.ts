/**
 * The known name that was probably meant; undefined when none is close. Up to a third of the letters, and at least
 * one, may be wrong; a name that starts with the word, or that the word starts with, is close too: from three letters on.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase().slice(0, 100);
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const edits = editDistance(wanted, lower);
    const isStem =
      Math.min(wanted.length, lower.length) >= 3 &&
      (lower.startsWith(wanted) || wanted.startsWith(lower));
    const distance = isStem ? Math.min(edits, allowed) : edits;
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) {
      best = { candidate, distance };
    }
  }
  return best?.candidate;
}

/** `; did you mean 'rate'?`, or all known names when none is close; the end of a message. */
export function suggestion(name: string, known: Iterable<string>): string {
  const names = [...known];
  const near = nearest(name, names);
  if (near !== undefined) return `; did you mean '${near}'?`;
  return names.length === 0 ? '' : `; known: ${names.join(', ')}`;
}

/** Damerau-Levenshtein (optimal string alignment): insert, delete, replace, swap neighbours. */
export function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
