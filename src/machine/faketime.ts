/** Debian's package; both backends look for it where Debian puts it. */
export const faketimePackage = 'libfaketime';

export interface FaketimeFiles {
  /** libfaketimeMT.so.1: the one for programs with threads. */
  readonly library: string;
  /** File with the offset of the clock. */
  readonly clock: string;
  /** Folder with `sitecustomize.py`. */
  readonly python: string;
}

/**
 * The environment that gives a process another wall clock. libfaketime reads the file again at most once a second: at every
 * call would cost 20 us instead of 1 us, in a server that reads the clock all the time. The monotonic clock stays true, as
 * on a machine whose clock is set.
 * Source: libfaketime's README.
 */
export function faketimeEnvironment({ library, clock, python }: FaketimeFiles): readonly string[] {
  return [
    ...[`LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${clock}`, 'FAKETIME_CACHE_DURATION=0'],
    ...['FAKETIME_DONT_FAKE_MONOTONIC=1', 'NO_FAKE_STAT=1', `PYTHONPATH=${python}`],
  ];
}

/**
 * Python sleeps until a time of the monotonic clock (3.11 and later); libfaketime 0.9.10, configured to leave that clock
 * alone, makes the argument invalid. select() is not affected.
 */
export const sitecustomize = `import select, time
def sleep(seconds):
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)
time.sleep = sleep
`;

/** Content of the clock's file for an offset. */
export function faketimeText(byMs: number): string {
  return `${byMs < 0 ? '-' : '+'}${Math.abs(byMs) / 1000}\n`;
}

/** Longest time until every process has read the file. */
export const clockSettleMs = 1_200;
