/** A number and what it counts are one. */
const betweenWords = /(?<!(?:^| )[\d.,]*\d) /;
const commandLine = /^(?:Scenario|Reproduce|Report|More): /;

/**
 * Lines of at most `columns`, none of them with half a word, nor with a number at its end whose unit is on the next; what
 * goes on is indented. Commands and paths stay whole, to be copied.
 */
export function wrapped(line: string, columns: number): readonly string[] {
  if (line.length <= columns || commandLine.test(line)) return [line];
  const indent = `${/^ */.exec(line)?.[0] ?? ''}  `;
  const lines: string[] = [];
  let current = '';
  for (const word of line.trimStart().split(betweenWords)) {
    const start = lines.length === 0 ? indent.slice(2) : indent;
    const longer = current === '' ? `${start}${word}` : `${current} ${word}`;
    if (current === '' || longer.length <= columns) current = longer;
    else {
      lines.push(current);
      current = `${indent}${word}`;
    }
  }
  return [...lines, current];
}
