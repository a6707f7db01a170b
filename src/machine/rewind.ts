import type { RewindControl } from '../contracts/cluster.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

export interface RewindPlace extends ShelledMachine {
  readonly dataFolder: string;
  /** Of the server's programs, as the node's processes see it. */
  readonly programs: string;
  /** A folder of the lab's own, for a view of these programs without the wrapper. */
  readonly folder: string;
}

/**
 * What stands in for pg_rewind. Its data directory is in its arguments, and the file beside that holds it. The program itself needs
 * its siblings beside it, so the whole folder is seen a second time, under $real.
 */
const wrapper = (real: string) => `#!/bin/sh
previous=
for each; do [ "$previous" != -D ] || data=$each; previous=$each; done
left=$(cat "$data.held" 2>/dev/null || echo 0)
while [ -e "$data.held" ] && [ "$left" -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
exec ${real}/pg_rewind "$@"
`;

/** $1: programs, $2: their second view, $3: the wrapper, $4: its text, $5: the data directory, $6: tenths of a second. */
const holdScript = `
set -e
if [ ! -e "$3" ]; then
  mkdir -p "$2"
  mount --bind "$1" "$2"
  printf '%s' "$4" > "$3"
  chmod 755 "$3"
  mount --bind "$3" "$1/pg_rewind"
fi
echo "$6" > "$5.held"`;

/** For nodes with a mount namespace of their own: what is mounted there is not seen on the host, and is gone with it. */
export function rewindControl(place: RewindPlace): RewindControl {
  const { dataFolder, programs, folder } = place;
  const real = `${folder}/programs`;
  return {
    hold: async (mostMs) => {
      const tenths = String(Math.ceil(mostMs / 100));
      const files = [programs, real, `${folder}/pg_rewind`, wrapper(real)];
      await runScript(place, 'hold pg_rewind', [holdScript, ...files, dataFolder, tenths]);
    },
    release: async () => {
      await runScript(place, 'release pg_rewind', ['rm -f "$1.held"', dataFolder]);
    },
  };
}
