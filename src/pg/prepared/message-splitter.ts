/** A whole message of a server: its type's character code, and where its body lies. */
export type MessageListener = (type: number, bytes: Buffer, from: number, to: number) => void;

const headBytes = 5;
const none = Buffer.alloc(0);

/** Cuts what comes from a server into its messages. */
export class MessageSplitter {
  /** The beginning of a message whose end has not come yet. */
  #rest: Buffer = none;

  /** Calls the listener with every message that is whole now. The chunk and its `bytes` are valid during the call only. */
  push(chunk: Buffer, listener: MessageListener): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = none;
    let at = 0;
    while (at + headBytes <= bytes.length) {
      const end = at + 1 + bytes.readInt32BE(at + 1);
      if (end > bytes.length) break;
      listener(bytes[at] ?? 0, bytes, at + headBytes, end);
      at = end;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}
