/**
 * POSIX shell: what every exec starts in a pod. $1: `run` or `open`; $2: the mark.
 *
 * The command comes by standard input and not in the request's address, which servers log and limit. Input comes in blocks, each
 * after its size in a line, since the older protocols cannot close it: `0` ends the command's input, `k` kills its process group.
 * When the connection breaks, a command of `run` is killed, and one of `open` sees the end of its input.
 *
 * The mark ends both outputs, on standard output with the exit code behind it: servers have cut outputs short and reported success.
 * dd reads no byte beyond a block, which head may do.
 */
export const bootstrap = `mode=$1 mark=$2
block() { IFS= read -r size && [ "$size" -gt 0 ] 2>/dev/null && dd bs="$size" count=1 iflag=fullblock 2>/dev/null; }
feed() {
  while block; do :; done
  exec >&-
  [ "$size" != 0 ] || IFS= read -r size || size=
  [ "$size" = k ] || [ "$mark$mode" = "\${mark}run" ] || return
  read -r _ _ _ _ group _ < /proc/self/stat
  [ "$group" != "$$" ] || kill -KILL 0
}
eval "set -- $(block)"
{ feed 2>/dev/null; } | { "$@"; code=$?; printf '%s%d\\n' "$mark" "$code"; printf '%s' "$mark" >&2; }`;

/** Nothing that a program writes: a control character and random digits. */
export function newMark(): string {
  return `\u001e${crypto.randomUUID()}`;
}

/** Input of a command, as the bootstrap reads it. */
export function block(content: Buffer): Buffer {
  return content.length === 0
    ? content
    : Buffer.concat([Buffer.from(`${content.length}\n`), content]);
}

export const endOfInput = Buffer.from('0\n');
export const kill = Buffer.from('k\n');

/** Finds the mark in an output that comes in pieces, and passes on all before it at once. */
export class MarkedOutput {
  readonly #mark: Buffer;
  readonly #pass: (bytes: Buffer) => void;
  /** What may be the beginning of the mark, or the mark and what is behind it. */
  #held: Buffer = Buffer.alloc(0);
  #isMarked = false;

  constructor(mark: string, pass: (bytes: Buffer) => void) {
    this.#mark = Buffer.from(mark);
    this.#pass = pass;
  }

  get isMarked(): boolean {
    return this.#isMarked;
  }

  /** The line behind the mark; undefined: not whole yet. */
  get trailer(): string | undefined {
    if (!this.#isMarked) return undefined;
    const end = this.#held.indexOf('\n');
    return end < 0 ? undefined : this.#held.subarray(0, end).toString();
  }

  push(bytes: Buffer): void {
    const all = Buffer.concat([this.#held, bytes]);
    if (this.#isMarked) {
      this.#held = all;
      return;
    }
    const at = all.indexOf(this.#mark);
    this.#isMarked = at >= 0;
    const end = this.#isMarked ? at : all.length - this.#beginningIn(all);
    if (end > 0) this.#pass(all.subarray(0, end));
    this.#held = all.subarray(this.#isMarked ? at + this.#mark.length : end);
  }

  /** No more comes: what was held back is output after all. */
  end(): void {
    if (!this.#isMarked && this.#held.length > 0) this.#pass(this.#held);
    if (!this.#isMarked) this.#held = Buffer.alloc(0);
  }

  /** How many bytes at the end may be the beginning of a mark. */
  #beginningIn(all: Buffer): number {
    const longest = Math.min(all.length, this.#mark.length - 1);
    for (let length = longest; length > 0; length -= 1) {
      if (all.subarray(all.length - length).equals(this.#mark.subarray(0, length))) return length;
    }
    return 0;
  }
}
