import type { OldPrimaryWal, Result } from '../../contracts/result.ts';
import { grouped, plural } from './format.ts';

const toldOf = 3;

/** How far the writes came that an old primary acknowledged past the fork, by the WAL that was taken of it. */
export function walSentences({ wal }: Pick<Result, 'wal'>): readonly string[] {
  const all = wal ?? [];
  const rest = all.length - toldOf;
  const told = all.slice(0, toldOf).map(sentence);
  return rest > 0 ? [...told, `WAL was taken ${grouped(rest)} more times.`] : told;
}

function sentence(found: OldPrimaryWal): string {
  const { node, forkLsn, endLsn, problem, acknowledged, written, lost, commits } = found;
  const { overwritten = 0 } = found;
  if (problem !== null || acknowledged === null || written === null) {
    return `What stands in the WAL of ${node} is unknown: ${problem ?? 'it was not read'}.`;
  }
  const past = `past the fork ${forkLsn ?? 'point'}`;
  if (acknowledged === 0) {
    const others = plural(commits ?? 0, 'commit');
    return `${node} acknowledged no write of this run ${past}; its WAL holds ${others} there.`;
  }
  const stages = `acknowledged: ${grouped(acknowledged)}; written to its WAL: ${grouped(written)}; lost: ${lost === null ? 'unknown' : grouped(lost)}`;
  const again =
    overwritten === null || overwritten === 0
      ? ''
      : `; overwritten since, so that it shows nowhere: ${grouped(overwritten)}`;
  const never = acknowledged - written;
  const mismatch =
    never > 0
      ? `: ${plural(never, 'acknowledged write')} ${never === 1 ? 'is' : 'are'} not in the WAL that was taken of it later, which ends at ${endLsn ?? 'an unknown position'}`
      : '';
  return `On ${node} ${past}, ${stages}${again}${mismatch}.`;
}
