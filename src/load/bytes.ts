import type { Bytes } from '../pg/session.ts';

export const noBytes: Bytes = { sent: 0, received: 0 };

export function addBytes(a: Bytes, b: Bytes): Bytes {
  return { sent: a.sent + b.sent, received: a.received + b.received };
}
