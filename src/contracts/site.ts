import type { Shell } from './shell.ts';

/** A site where load workers run: a namespace, a container's network, or this host. */
export interface ClientSite {
  readonly name: string;
  /** For reports, the origin of the load: 'a client namespace'. */
  readonly description: string;
  /** The way to the site; a worker is a program on its standard streams. */
  readonly shell: Shell;
  /** Not the harness's machine: this host's programs are not installed there. */
  readonly isRemote: boolean;
  /** What starts Forkpoint there; absent: `forkpoint`. */
  readonly command?: readonly string[];
  /** So many workers stand ready, and each is used; absent: a worker is started for each share of the load. */
  readonly workers?: number;
  /** A worker that is lost is replaced there, and `open` leads to the next. Absent: the load ends with it. */
  readonly replaces?: boolean;
}
