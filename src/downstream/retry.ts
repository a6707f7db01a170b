import { SqlError } from '../pg/session.ts';
import { sqlStateOf } from '../pg/sqlstates.ts';
import { SinkBusy } from './sink.ts';

const firstPauseMs = 100;
const longestPauseMs = 10_000;

/** Before attempt 2, 3, ...: doubled each time. */
export function pauseMs(attempt: number): number {
  return Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
}

/** Trying again cannot help: the server said no, and will say it again; or the error is ours. */
export function isDefinite(error: unknown): boolean {
  if (error instanceof SinkBusy) return false;
  if (!(error instanceof SqlError)) return true;
  return error.sqlState !== '' && !sqlStateOf(error.sqlState).isTransient;
}
