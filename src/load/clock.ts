import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Microseconds since the origin of the load, on CLOCK_MONOTONIC: the same moment has the same number in every
 * process of this host.
 */
export class LoadClock {
  /** Between the process's own fast clock and the origin. Both tick with CLOCK_MONOTONIC, so it never drifts. */
  readonly #offsetUs: number;

  constructor(originNs: bigint) {
    const sinceOriginUs = Number(process.hrtime.bigint() - originNs) / 1000;
    this.#offsetUs = sinceOriginUs - performance.now() * 1000;
  }

  nowUs(): number {
    return performance.now() * 1000 + this.#offsetUs;
  }
}

/**
 * What two processes have in common whose CLOCK_MONOTONIC is the same: the kernel since its start, and the time namespace.
 * '' where that cannot be told, which is never equal to another's.
 */
export function kernelOf(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/time')}`;
  } catch {
    return '';
  }
}
