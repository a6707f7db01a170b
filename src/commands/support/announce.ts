import type { RunAnnouncement } from '../../contracts/suite.ts';

/** Informs the suite that started this process, if one did. */
export function announce(said: RunAnnouncement): void {
  process.send?.(said);
}
