import { rowChecksum } from '../../pg/checksum.ts';

/** A row's identity and version: its content is made from these alone. */
export interface RowIdentity {
  readonly seed: number;
  readonly writer: number;
  readonly seq: number;
  readonly version: number;
}

const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const charactersPerWord = 5;
/** Two characters for each 12 bits: a store for both costs as much as one for each. */
const pairs = Uint16Array.from({ length: 4096 }, (_, bits) => {
  const [first = 0, second = 0] = [alphabet[bits & 63], alphabet[bits >>> 6]];
  return first | (second << 8);
});

/** One row's content and the checksum that goes with it, both made before anything is sent. */
export function sealedPayload(
  row: RowIdentity,
  bytes: number,
): { payload: string; checksum: bigint } {
  const content = scratch(bytes);
  fill(content, row);
  return { payload: content.toString('latin1'), checksum: rowChecksum(content, row) };
}

export interface PayloadSize {
  readonly payloadBytes: number;
  readonly payloadMostBytes?: number;
}

/** The size of one row's content: from its identity alone, where the sizes are a range. */
export function payloadBytesOf(row: RowIdentity, size: PayloadSize): number {
  const { payloadBytes, payloadMostBytes } = size;
  if (payloadMostBytes === undefined) return payloadBytes;
  const drawn = mix(mix(mix(row.seed ^ 0x51ed270b, row.writer), row.seq), row.version) >>> 0;
  return payloadBytes + (drawn % (payloadMostBytes - payloadBytes + 1));
}

let reused = Buffer.alloc(0);
let reusedView = new DataView(reused.buffer, 0, 0);

/** Content lives only until it is copied into a string, so one buffer serves all rows. */
function scratch(bytes: number): Buffer {
  if (reused.length !== bytes) {
    reused = Buffer.alloc(bytes);
    reusedView = new DataView(reused.buffer, reused.byteOffset, bytes);
  }
  return reused;
}

/**
 * Five characters from each 32-bit word of a generator seeded with the identity (mulberry32, as in random.ts but without its
 * closure). Random content keeps TOAST from compressing rows below the configured size.
 */
function fill(content: Buffer, row: RowIdentity): void {
  let state = mix(mix(mix(row.seed, row.writer), row.seq), row.version);
  const whole = content.length - (content.length % charactersPerWord);
  for (let at = 0; at < content.length; at += charactersPerWord) {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    word ^= word >>> 14;
    if (at === whole) {
      for (let last = at; last < content.length; last++, word >>>= 6)
        content[last] = alphabet[word & 63] ?? 0;
      return;
    }
    reusedView.setUint16(at, pairs[word & 4095] ?? 0, true);
    reusedView.setUint16(at + 2, pairs[(word >>> 12) & 4095] ?? 0, true);
    reusedView.setUint8(at + 4, alphabet[(word >>> 24) & 63] ?? 0);
  }
}

function mix(state: number, value: number): number {
  const mixed = Math.imul((state ^ value) + 0x9e3779b9, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
