import type { OperationRecord } from '../../contracts/evidence.ts';
import { HarnessBug } from '../../std/errors.ts';
import { MAX_SENT_US, MAX_U16, MAX_U32, NO_NODE, packSqlState } from './format.ts';

/** Refuses an impossible record: the journal says what was done, or the run stops. */
export function checkRecord(record: OperationRecord): void {
  const { seq, count, version, timeline, node, sentUs, latencyUs, waitedUs } = record;
  check(isBetween(seq, 0, MAX_U32), 'seq', seq, record);
  check(isBetween(count, 1, MAX_U16) && seq + count - 1 <= MAX_U32, 'count', count, record);
  check(isBetween(version, 0, MAX_U32), 'version', version, record);
  check(record.kind !== 'update' || version > 0, 'version of an update', version, record);
  check(isBetween(timeline, 0, MAX_U32), 'timeline', timeline, record);
  check(node === undefined || isBetween(node, 0, NO_NODE - 1), 'node', node, record);
  check(sentUs >= 0 && sentUs <= MAX_SENT_US, 'sentUs', sentUs, record);
  check(latencyUs >= 0, 'latencyUs', latencyUs, record);
  check(waitedUs >= 0, 'waitedUs', waitedUs, record);
  if (record.outcome === 'acknowledged' || record.outcome === 'localOnly') {
    const isLsn = record.lsn >= 0n && record.lsn <= BigInt(Number.MAX_SAFE_INTEGER);
    check(isLsn, 'lsn', record.lsn, record);
  } else {
    check(!Number.isNaN(packSqlState(record.sqlState)), 'sqlState', record.sqlState, record);
  }
}

export function checkId(writer: number, seq: number, count: number, id: number): void {
  const isFine =
    isBetween(seq, 0, MAX_U32) &&
    isBetween(count, 1, MAX_U16) &&
    isBetween(id, 0, Number.MAX_SAFE_INTEGER - count);
  if (!isFine) throw new HarnessBug(`journal: id ${id} of writer ${writer}, seq ${seq} + ${count}`);
}

function check(isFine: boolean, field: string, value: unknown, record: OperationRecord): void {
  if (isFine) return;
  const where = `writer ${record.writer}, ${record.kind} of seq ${record.seq}`;
  throw new HarnessBug(`journal: ${where}: ${field} cannot be ${String(value)}`);
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
