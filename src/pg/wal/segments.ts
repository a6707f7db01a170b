import { open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ScenarioError } from '../../std/errors.ts';
import { WAL_PAGE_BYTES, walRecords, type WalRecord } from './records.ts';

/** One file of WAL whose first page is its own. */
export interface WalSegment {
  readonly file: string;
  readonly timeline: number;
  /** The LSN of its first byte. */
  readonly from: number;
  readonly bytes: number;
}

const longHeaderBytes = 40;
const named = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/;

/**
 * The WAL files of a folder, by timeline and position. Files that are kept for later use, and still hold older WAL, are
 * left out.
 * Errors: ScenarioError for pages of another size than 8 kB, which is set when PostgreSQL is compiled.
 * Source: PostgreSQL, xlog_internal.h, XLogLongPageHeaderData.
 */
export async function walSegments(folder: string): Promise<readonly WalSegment[]> {
  const names = (await readdir(folder)).filter((name) => named.test(name)).sort();
  const found: WalSegment[] = [];
  for (const name of names) {
    const segment = await segmentOf(path.join(folder, name));
    if (segment) found.push(segment);
  }
  return found;
}

async function segmentOf(file: string): Promise<WalSegment | undefined> {
  const [, timeline = '', log = '', number = ''] = named.exec(path.basename(file)) ?? [];
  const header = await headOf(file);
  if (header.length < longHeaderBytes) return undefined;
  const [bytes, pageBytes] = [header.readUInt32LE(32), header.readUInt32LE(36)];
  if (bytes === 0) return undefined;
  if (pageBytes !== WAL_PAGE_BYTES) {
    throw new ScenarioError(
      `${file}: its pages are of ${pageBytes} bytes, and only ${WAL_PAGE_BYTES} are understood here. Read it with pg_waldump of that server.`,
    );
  }
  const from = parseInt(log, 16) * 2 ** 32 + parseInt(number, 16) * bytes;
  if (header.readBigUInt64LE(8) !== BigInt(from)) return undefined;
  return { file, timeline: parseInt(timeline, 16), from, bytes };
}

/**
 * Which place in the WAL the header of a file says it holds, and of which timeline its first page is; undefined: it is no header.
 * Source: PostgreSQL, xlog_internal.h, XLogPageHeaderData.
 */
export async function placeIn(
  file: string,
): Promise<{ readonly timeline: number; readonly from: bigint } | undefined> {
  const header = await headOf(file);
  // A long header, as the first page of a file has it (XLP_LONG_HEADER).
  if (header.length < longHeaderBytes || (header.readUInt16LE(2) & 2) === 0) return undefined;
  return { timeline: header.readUInt32LE(4), from: header.readBigUInt64LE(8) };
}

async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(longHeaderBytes),
      0,
      longHeaderBytes,
      0,
    );
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Those of one timeline that follow each other without a gap up to the last. */
export function unbroken(segments: readonly WalSegment[], timeline: number): readonly WalSegment[] {
  const ours = segments.filter((each) => each.timeline === timeline);
  const gap = ours.findLastIndex((each, at) => {
    const before = ours[at - 1];
    return before !== undefined && before.from + before.bytes !== each.from;
  });
  return ours.slice(Math.max(0, gap));
}

/**
 * Every record of files that follow each other, in order and some thousands at a time, up to the end of the WAL, or to a
 * record that is longer than a file.
 */
export async function* recordsOf(
  segments: readonly WalSegment[],
): AsyncGenerator<readonly WalRecord[]> {
  let resumeAt: number | undefined;
  let held = Buffer.alloc(0);
  let heldFrom = 0;
  for (const { file, from, bytes: segmentBytes } of segments) {
    const page = Math.floor((resumeAt ?? from) / WAL_PAGE_BYTES) * WAL_PAGE_BYTES;
    // A record that began in the file before ends in this one.
    const rest = page < from ? held.subarray(page - heldFrom) : Buffer.alloc(0);
    held = Buffer.concat([rest, await readFile(file)]);
    heldFrom = Math.min(page, from);
    const all = walRecords(held, { from: heldFrom, segmentBytes });
    const records = all.filter(({ start }) => start >= (resumeAt ?? 0));
    const [first, last] = [records[0], records.at(-1)];
    if (resumeAt !== undefined && first?.start !== resumeAt) return;
    yield records;
    resumeAt = last?.next ?? resumeAt;
  }
}
