/**
 * The beginning and the end of a text, whole lines, at most this many bytes, with a line between them that says what is
 * missing. `originalBytes`: size of the file where `text` is only a part of it.
 */
export function cutMiddle(text: string, mostBytes: number, originalBytes?: number): string {
  const whole = Buffer.from(text);
  if (whole.length <= mostBytes && originalBytes === undefined) return text;
  const half = Math.max(0, Math.floor(Math.min(mostBytes, whole.length) / 2));
  const head = whole.subarray(0, whole.lastIndexOf(10, half) + 1);
  const from = whole.indexOf(10, whole.length - half);
  const tail = from === -1 ? Buffer.alloc(0) : whole.subarray(from + 1);
  const gone = (originalBytes ?? whole.length) - head.length - tail.length;
  return `${head.toString()}[... ${gone} bytes of this log were cut out by \`forkpoint bundle\` ...]\n${tail.toString()}`;
}
