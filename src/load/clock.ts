import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Microseconds since the origin of the load, on CLOCK_MONOTONIC: one moment has the same number in every process of this
 * host.
 */
export class LoadClock {
  /** Offset from the process's own fast clock to the origin. Both follow CLOCK_MONOTONIC, so it never drifts. */
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
 * Identifies the CLOCK_MONOTONIC of a process: the boot of the kernel, and the time namespace. '' when unknown, which is
 * never equal to another's.
 */
export function kernelOf(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/time')}`;
  } catch {
    return '';
  }
}
