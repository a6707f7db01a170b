/** Longest UTF-8 form of one UTF-16 unit. */
const bytesPerUnit = 3;
const firstBytes = 1024;
/** What is kept for what comes next: one long message must not keep its memory for ever. */
const keptBytes = 64 * 1024;

/** Messages to one server, one after the other, in memory that is used again once they have arrived. Numbers are big-endian. */
export class MessageBuffer {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  #view = viewOf(this.#bytes);
  #used = 0;
  /** Up to here it was taken. */
  #taken = 0;

  /** Bytes that were appended, taken or not. */
  get used(): number {
    return this.#used;
  }

  /** What an error left of a message is not sent with the next one. `used`: as it was before. */
  cutTo(used: number): void {
    this.#used = used;
  }

  /** What was appended since the last time: it stays as it is until `reuse`. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#taken, this.#used);
    this.#taken = this.#used;
    if (this.#used > keptBytes) this.#begin(firstBytes);
    return taken;
  }

  /** All that was taken has arrived: its memory may be overwritten. */
  reuse(): void {
    if (this.#taken < this.#used) return;
    this.#used = 0;
    this.#taken = 0;
  }

  #begin(bytes: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
    this.#view = viewOf(this.#bytes);
    this.#used = 0;
    this.#taken = 0;
  }

  /** Begins a message; `fillIn` ends it. */
  begin(type: number): number {
    this.#require(1);
    this.#bytes[this.#used++] = type;
    return this.int32Later();
  }

  /** A length that is known later. It counts itself in a message, and not in a value. */
  int32Later(): number {
    this.int32(0);
    return this.#used - 4;
  }

  fillIn(at: number, isMessage = false): void {
    this.#view.setInt32(at, this.#used - at - (isMessage ? 0 : 4));
  }

  int16(value: number): void {
    this.#require(2);
    this.#view.setUint16(this.#used, value);
    this.#used += 2;
  }

  int32(value: number): void {
    this.#require(4);
    this.#view.setInt32(this.#used, value);
    this.#used += 4;
  }

  int64(value: bigint): void {
    this.#require(8);
    this.#view.setBigInt64(this.#used, value);
    this.#used += 8;
  }

  /** With its length before it. */
  text(value: string): void {
    this.#require(4 + value.length * bytesPerUnit);
    const written = this.#bytes.write(value, this.#used + 4);
    this.#view.setInt32(this.#used, written);
    this.#used += 4 + written;
  }

  /** With their length before them. */
  bytes(value: Uint8Array): void {
    this.int32(value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.#require(value.length);
    this.#bytes.set(value, this.#used);
    this.#used += value.length;
  }

  /** With a zero byte after it. */
  cstring(value: string): void {
    this.#require(value.length * bytesPerUnit + 1);
    this.#used += this.#bytes.write(value, this.#used);
    this.#bytes[this.#used++] = 0;
  }

  #require(bytes: number): void {
    if (this.#used + bytes > this.#bytes.length) this.#resize((this.#used + bytes) * 2);
  }

  #resize(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(bytes);
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
