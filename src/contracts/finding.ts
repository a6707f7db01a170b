import type { CapabilityName } from './controls.ts';

/** Something preflight found. `isMissing` stops a run with exit code 4. */
export interface Finding {
  readonly name: string;
  readonly isMissing: boolean;
  /** What was found (version, path) or is missing. */
  readonly detail: string;
  /** How to get it; a command if there is one. */
  readonly remedy?: string;
  /** Debian packages that contain it. */
  readonly packages?: readonly string[];
}

/** A fact about a machine: what it has or lacks. */
export interface MachineFinding extends Finding {
  /** The controls that cannot work without it; empty: shown, but never required. */
  readonly neededBy: readonly CapabilityName[];
  /** It is not there, and its control can do a part without it: a fault that names it in `findings` cannot. */
  readonly isAbsent?: true;
}
