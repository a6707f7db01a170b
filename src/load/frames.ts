import { HarnessBug } from '../std/errors.ts';

/**
 * Messages between supervisor and worker on standard streams.
 * Shape: length of what follows the head (uint32 LE), type (uint8), payload.
 */
export const frameType = { control: 1, journal: 2, observations: 3 } as const;
export type FrameType = (typeof frameType)[keyof typeof frameType];

export const headBytes = 5;
/** Far beyond any message; a larger one is not of this protocol. */
const maxPayloadBytes = 16 * 1024 * 1024;
const nothing = Buffer.alloc(0);

export function frameHead(type: FrameType, payloadBytes: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(payloadBytes, 0);
  head.writeUInt8(type, 4);
  return head;
}

/** A message as JSON. */
export function controlFrame(message: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  return Buffer.concat([frameHead(frameType.control, payload.length), payload]);
}

/** Assembles frames from chunks of a stream, in order. Errors: HarnessBug for bytes that are no frame. */
export class FrameReader {
  readonly #onFrame: (type: FrameType, payload: Buffer) => void;
  #rest: Buffer = nothing;

  constructor(onFrame: (type: FrameType, payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= headBytes) {
      const length = bytes.readUInt32LE(0);
      const type = bytes.readUInt8(4);
      if (!isFrameType(type) || length > maxPayloadBytes) {
        const seen = bytes.subarray(0, 60).toString('latin1');
        throw new HarnessBug(
          `expected a frame of the worker protocol, got ${JSON.stringify(seen)}`,
        );
      }
      if (bytes.length < headBytes + length) break;
      this.#onFrame(type, bytes.subarray(headBytes, headBytes + length));
      bytes = bytes.subarray(headBytes + length);
    }
    this.#rest = bytes;
  }
}

function isFrameType(type: number): type is FrameType {
  return Object.values<number>(frameType).includes(type);
}
