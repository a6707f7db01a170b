/** A number and its unit are one word. */
const betweenWords = /(?<!(?:^| )[\d.,]*\d) /;
const commandLine = /^(?:Scenario|Reproduce|Report|More): /;

/**
 * Lines of at most `columns`, without split words, and without a number whose unit is on the next line; continuation
 * lines are indented. Commands and paths stay whole, so that they can be copied.
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
