import type { JournalHeader } from '../../contracts/evidence.ts';
import type { RecordBatch } from './batch.ts';
import type { RecordCursor } from './cursor.ts';

/** What receives the operations of journals. */
export interface JournalVisitor {
  /** Once per journal, before its records. */
  begin?(header: JournalHeader, path: string): void;
  /** The operations, a frame at a time: for what is done with all of 100 million. */
  records?(batch: RecordBatch): void;
  /** Once per operation; the cursor is the same object each time. */
  record?(cursor: RecordCursor): void;
  /** Once per attempt whose operation was sent again; absent if they are not needed. */
  attempt?(cursor: RecordCursor): void;
  /** Once per server-made id; absent if they are not needed. */
  id?(cursor: RecordCursor): void;
}
