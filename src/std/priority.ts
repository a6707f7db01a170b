import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** The most: 87 times the weight of a usual process, of which a server can have a thousand. */
const niceness = -20;

/**
 * On a machine that is short of CPU this process waits for less of it than others, where it may (root, or CAP_SYS_NICE); elsewhere
 * nothing changes. Where Linux shares CPU among sessions (autogroup), each process of a PostgreSQL server is one, and so is ours.
 * Source: sched(7), "The autogroup feature".
 */
export function raiseOwnPriority(): void {
  try {
    setPriority(niceness);
    writeFileSync('/proc/self/autogroup', String(niceness));
  } catch {
    // Not allowed, or a kernel without autogroups.
  }
}
