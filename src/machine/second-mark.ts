/** Lies in the folder of a second cluster that a fault has set up on a machine. */
export const secondMark = 'forkpoint-second-cluster';

/**
 * Shell: is_second PID: a process of such a cluster, not of the machine's own member. Its Patroni and its server work in folders beside
 * the mark; that costs no program for each process, as reading its command would.
 */
export const isOfSecond = `
is_second() { [ -e "/proc/$1/cwd/../${secondMark}" ]; }`;
