import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalHeader } from '../../../../src/contracts/evidence.ts';
import {
  journalRecords,
  JournalWriter,
  type JournalReading,
} from '../../../../src/evidence/journal/journal.ts';
import { expectSame } from '../../../helpers/expect-same.ts';
import { operation } from '../../../histories/in-memory.ts';

// In memory if possible: rewriting a file many times is slower on a disk than reading it.
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const directory = mkdtempSync(path.join(memory, 'journal-fuzz-'));
afterAll(() => rmSync(directory, { recursive: true }));
const original = path.join(directory, 'original.bin');
const mutated = path.join(directory, 'mutated.bin');
const RECORDS = 12;
const header: JournalHeader = {
  schemaVersion: 1,
  runId: 'run',
  worker: 0,
  firstWriter: 0,
  writers: 1,
  nodes: ['pg1'],
  originNs: '0',
};

let good: Buffer;
let frames: readonly Buffer[];

beforeAll(async () => {
  const writer = JournalWriter.open(original, header);
  for (let seq = 0; seq < RECORDS; seq++) {
    writer.append(operation({ seq, lsn: BigInt(seq), sentUs: seq * 1000 }));
    if (seq % 2 === 1) await writer.flush();
  }
  await writer.close();
  good = readFileSync(original);
  frames = split(good);
});

function split(bytes: Buffer): Buffer[] {
  const result: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 8 + bytes.readUInt32LE(at);
    result.push(bytes.subarray(at, at + size));
    at += size;
  }
  return result;
}

const place = fc.nat(1_000_000);
type Mutation = (bytes: Buffer) => Buffer;
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  place.map(
    (at): Mutation =>
      (bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, flip]): Mutation => (bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at % copy.length]! ^= flip;
    return copy;
  }),
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map(
    (garbage): Mutation =>
      (bytes) =>
        Buffer.concat([bytes, garbage]),
  ),
  fc.tuple(place, place).map(([from, to]): Mutation => () => {
    const kept = frames.filter((_, at) => at !== from % frames.length && at !== to % frames.length);
    return Buffer.concat(kept);
  }),
  place.map((at): Mutation => () => {
    const twice = at % frames.length;
    return Buffer.concat(frames.flatMap((frame, i) => (i === twice ? [frame, frame] : [frame])));
  }),
  fc.tuple(place, place).map(([a, b]): Mutation => () => {
    const swapped = [...frames];
    const [i, j] = [a % frames.length, b % frames.length];
    [swapped[i], swapped[j]] = [swapped[j]!, swapped[i]!];
    return Buffer.concat(swapped);
  }),
);

function readAll(file: string): { seqs: number[]; reading: JournalReading } {
  const records = journalRecords(file, { runId: 'run' });
  const seqs: number[] = [];
  for (;;) {
    const { value, done } = records.next();
    if (done) return { seqs, reading: value };
    seqs.push(value.seq);
  }
}

describe('a damaged journal', () => {
  it('is read as a shorter one and reported, in 10,000 random damages', () => {
    const whole = Array.from({ length: RECORDS }, (_, seq) => seq);
    let damaged = 0;
    const property = fc.property(mutation, fc.option(mutation), (first, second) => {
      const bytes = second ? second(first(good)) : first(good);
      writeFileSync(mutated, bytes);
      const { seqs, reading } = readAll(mutated);
      expectSame(seqs, whole.slice(0, seqs.length));
      expectSame(reading.goodBytes <= bytes.length, true);
      if (bytes.equals(good)) {
        expect({ seqs, isFinished: reading.isFinished, cut: reading.cut }).toEqual({
          seqs: whole,
          isFinished: true,
          cut: undefined,
        });
        return;
      }
      damaged++;
      const isReported = reading.cut !== undefined || !reading.isFinished;
      expectSame(isReported, true);
      // Finished means complete: no damaged journal may pass for a finished one with fewer records.
      if (reading.isFinished) expectSame(seqs, whole);
    });
    fc.assert(property, { numRuns: 10_000, seed: 2 });
    expect(damaged).toBeGreaterThan(9000);
  });

  it('is reported wherever it is cut, including at frame boundaries', () => {
    for (let length = 0; length < good.length; length++) {
      writeFileSync(mutated, good.subarray(0, length));
      const { reading } = readAll(mutated);
      expectSame(reading.isFinished, false);
    }
  });

  it('is reported whichever of its bytes is flipped', () => {
    for (let at = 0; at < good.length; at++) {
      const copy = Buffer.from(good);
      copy[at]! ^= 0x10;
      writeFileSync(mutated, copy);
      expectSame(readAll(mutated).reading.cut !== undefined, true);
    }
  });
});
