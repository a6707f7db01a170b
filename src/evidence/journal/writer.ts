import { crc32 } from 'node:zlib';
import type { AttemptRecord, JournalHeader, OperationRecord } from '../../contracts/evidence.ts';
import { asError, HarnessBug } from '../../std/errors.ts';
import { checkId, checkRecord } from './check-record.ts';
import * as format from './format.ts';
import { fileSink, type JournalSink } from './sink.ts';

/** A record waits at most this long in memory, plus the write itself: 100 ms in all. */
const FLUSH_AFTER_MS = 50;
const BODY_AT = format.FRAME_HEAD_BYTES + format.PAYLOAD_HEAD_BYTES;

/**
 * Appends one worker's operations to its journal. `append` copies 40 bytes into a buffer and returns; frames are
 * written in order, one write each, 50 ms after their first record or when 64 KiB are full.
 * Errors: HarnessBug for a record that cannot be or that breaks the order of a writer's seqs; what the sink threw from
 * any call after a write failed.
 */
export class JournalWriter {
  readonly #sink: JournalSink;
  readonly #header: JournalHeader;
  /** Per writer: the seq after the last one inserted; undefined before the first. */
  readonly #nextSeq: (number | undefined)[];
  #spare: Buffer[] = [];
  #buffer: Buffer;
  #view: DataView;
  #used = BODY_AT;
  #frames = 0;
  #operations = 0;
  #timer: NodeJS.Timeout | undefined;
  #written: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #isClosed = false;

  /** Creates the file and its header frame; an existing file is refused, never overwritten. */
  static open(path: string, header: JournalHeader): JournalWriter {
    return new JournalWriter(fileSink(path), header);
  }

  /** Begins with the header frame. */
  constructor(sink: JournalSink, header: JournalHeader) {
    if (header.nodes.length >= format.NO_NODE) {
      throw new HarnessBug(`${sink.name}: a journal names at most 254 nodes`);
    }
    this.#sink = sink;
    this.#header = header;
    this.#nextSeq = new Array<undefined>(header.writers).fill(undefined);
    this.#buffer = Buffer.alloc(BODY_AT + format.DATA_BODY_BYTES);
    this.#view = viewOf(this.#buffer);
    this.#writeFrame(format.FRAME.header, Buffer.from(format.MAGIC + JSON.stringify(header)));
  }

  append(record: OperationRecord): void {
    this.#refuseWhenOver();
    checkRecord(record);
    const slot = this.#slotOf(record.writer);
    if (record.kind === 'insert') {
      const next = this.#nextSeq[slot] ?? record.seq;
      if (record.seq !== next) {
        throw new HarnessBug(
          `journal: writer ${record.writer} inserts seq ${record.seq} where ${next} is next`,
        );
      }
      this.#nextSeq[slot] = record.seq + record.count;
    }
    format.encodeRecord(this.#view, this.#used, record);
    this.#operations++;
    this.#advance();
  }

  /** An attempt whose operation is sent again. */
  appendAttempt(record: AttemptRecord): void {
    this.#refuseWhenOver();
    checkRecord({ ...record, waitedUs: record.pausedUs });
    this.#slotOf(record.writer);
    format.encodeAttempt(this.#view, this.#used, record);
    this.#advance();
  }

  /** Rows seq .. seq+count-1 got the server-made ids id .. id+count-1. Append it before the operation itself. */
  appendId(writer: number, seq: number, id: number | bigint, count = 1): void {
    this.#refuseWhenOver();
    this.#slotOf(writer);
    checkId(writer, seq, count, Number(id));
    format.encodeId(this.#view, this.#used, { writer, seq, count, id: Number(id) });
    this.#advance();
  }

  /** Resolves when everything appended so far is with the kernel: SIGKILL no longer loses it. */
  async flush(): Promise<void> {
    this.#seal();
    await this.#written;
    if (this.#failure) throw this.#failure;
  }

  /** Writes the end frame, which distinguishes a finished journal from a torn one. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#seal();
    this.#isClosed = true;
    this.#writeFrame(format.FRAME.end, this.#endBody());
    await this.#written;
    await this.#sink.close();
    if (this.#failure) throw this.#failure;
  }

  #advance(): void {
    this.#used += format.RECORD_BYTES;
    if (this.#used === this.#buffer.length) this.#seal();
    else this.#timer ??= setTimeout(() => this.#seal(), FLUSH_AFTER_MS);
  }

  #seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used === BODY_AT) return;
    const full = this.#buffer;
    const frame = this.#frame(full.subarray(0, this.#used), format.FRAME.data);
    this.#buffer = this.#spare.pop() ?? Buffer.alloc(full.length);
    this.#view = viewOf(this.#buffer);
    this.#used = BODY_AT;
    this.#queue(frame, () => this.#spare.push(full));
  }

  #writeFrame(type: number, body: Buffer): void {
    const bytes = Buffer.alloc(BODY_AT + body.length);
    body.copy(bytes, BODY_AT);
    this.#queue(this.#frame(bytes, type), () => undefined);
  }

  /** Fills in the head of a frame whose body is already in the buffer. */
  #frame(bytes: Buffer, type: number): Buffer {
    const length = bytes.length - format.FRAME_HEAD_BYTES;
    if (length > format.MAX_PAYLOAD_BYTES) {
      throw new HarnessBug(`${this.#sink.name}: a frame of ${length} bytes is too long`);
    }
    bytes.writeUInt32LE(this.#frames++, format.FRAME_HEAD_BYTES);
    bytes.writeUInt32LE(type, format.FRAME_HEAD_BYTES + 4);
    bytes.writeUInt32LE(length, 0);
    bytes.writeUInt32LE(crc32(bytes.subarray(format.FRAME_HEAD_BYTES), length), 4);
    return bytes;
  }

  #queue(frame: Buffer, done: () => void): void {
    this.#written = this.#written.then(async () => {
      if (this.#failure) return;
      try {
        await this.#sink.write(frame);
        done();
      } catch (error) {
        this.#failure = asError(error);
      }
    });
  }

  #endBody(): Buffer {
    const body = Buffer.alloc(8 + 4 * this.#nextSeq.length);
    body.writeUInt32LE(this.#operations >>> 0, 0);
    body.writeUInt32LE(Math.floor(this.#operations / 2 ** 32), 4);
    this.#nextSeq.forEach((next, slot) => body.writeUInt32LE((next ?? 0) >>> 0, 8 + 4 * slot));
    return body;
  }

  #slotOf(writer: number): number {
    const slot = writer - this.#header.firstWriter;
    if (Number.isInteger(slot) && slot >= 0 && slot < this.#header.writers) return slot;
    throw new HarnessBug(`${this.#sink.name}: writer ${writer} does not belong to this journal`);
  }

  #refuseWhenOver(): void {
    if (this.#failure) throw this.#failure;
    if (this.#isClosed) throw new HarnessBug(`${this.#sink.name}: append after close`);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
