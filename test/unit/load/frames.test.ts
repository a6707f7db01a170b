import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlFrame, frameHead, FrameReader, frameType } from '../../../src/load/frames.ts';

/** Every frame in these chunks, as text. */
function read(chunks: readonly Buffer[]): string[] {
  const found: string[] = [];
  const reader = new FrameReader((type, payload) => {
    found.push(`${type === frameType.control ? 'control' : 'journal'} ${payload.toString('hex')}`);
  });
  for (const chunk of chunks) reader.push(chunk);
  return found;
}

test('frames come out as they went in, wherever the stream was split', () => {
  const payload = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 8 }), fc.array(fc.nat(1_700)), (payloads, cuts) => {
      const stream = Buffer.concat(
        payloads.flatMap((bytes) => [frameHead(frameType.journal, bytes.length), bytes]),
      );
      const edges = [0, ...cuts.filter((cut) => cut < stream.length), stream.length].sort(
        (a, b) => a - b,
      );
      const chunks = edges.slice(1).map((edge, index) => stream.subarray(edges[index], edge));
      expect(read(chunks)).toEqual(
        payloads.map((bytes) => `journal ${Buffer.from(bytes).toString('hex')}`),
      );
    }),
  );
});

test('a message is a frame of JSON', () => {
  const hex = Buffer.from('{"type":"stop"}').toString('hex');
  expect(read([controlFrame({ type: 'stop' })])).toEqual([`control ${hex}`]);
});

test('an incomplete frame is completed by the next bytes', () => {
  expect(read([controlFrame({ type: 'stop' }).subarray(0, -1)])).toEqual([]);
});

test.each([
  ['a line that a login shell printed', Buffer.from('Welcome to db1, last login today\n')],
  ['a length that no message has', frameHead(frameType.journal, 0xffffffff)],
])('invalid bytes are refused, and shown: %s', (_what, bytes) => {
  expect(() => read([bytes])).toThrow(/^expected a frame of the worker protocol, got "/);
});
