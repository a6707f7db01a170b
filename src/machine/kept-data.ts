import { runScript, type ShelledMachine } from './run-script.ts';

/** $1: the folder; $2: where what is in it is kept. */
const takeScript = `
[ ! -e "$2" ] || exit 0
[ -d "$1" ] || { echo "there is no $1" >&2; exit 1; }
mv "$1" "$2"`;

const giveBackScript = `
[ -d "$2" ] || exit 0
rm -rf "$1" && mv "$2" "$1"`;

/** Moves a folder to where it is kept, once. Errors: ClusterError. */
export async function takeAway(machine: ShelledMachine, folder: string, id: string): Promise<void> {
  await runScript(machine, `take ${folder} away`, [takeScript, folder, keptAs(folder, id)]);
}

/** Puts it back in place of what is there now; nothing if none is kept. Errors: ClusterError. */
export async function giveBack(machine: ShelledMachine, folder: string, id: string): Promise<void> {
  await runScript(machine, `put ${folder} back`, [giveBackScript, folder, keptAs(folder, id)]);
}

/** Whether one is kept. */
export async function isTakenAway(
  machine: ShelledMachine,
  folder: string,
  id: string,
): Promise<boolean> {
  const look = '[ ! -d "$1" ] || echo yes';
  const said = await runScript(machine, `look for ${folder}`, [look, keptAs(folder, id)]);
  return said.trim() === 'yes';
}

function keptAs(folder: string, id: string): string {
  return `${folder}.kept.${id.replace(/[^a-z0-9-]/g, '-')}`;
}
