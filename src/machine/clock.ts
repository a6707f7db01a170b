import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockControl } from '../contracts/cluster.ts';
import { clockSettleMs, faketimeText } from './faketime.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

// In one step: a process that reads the file now must not get half of it.
const writeScript = 'printf %s "$2" > "$1.new" && mv "$1.new" "$1"';

const readScript = '[ ! -e "$1" ] || cat "$1"';

/** The clock of Patroni and PostgreSQL on one machine, if they were started under libfaketime. */
export function clockControl(machine: ShelledMachine, clockFile: string): ClockControl {
  const set = async (byMs: number) => {
    const text = faketimeText(byMs);
    await runScript(machine, 'its clock cannot be set', [writeScript, clockFile, text]);
    await sleep(clockSettleMs);
  };
  const isSkewed = async (byMs: number) => {
    const found = await runScript(machine, 'its clock cannot be read', [readScript, clockFile]);
    return found.trim() === faketimeText(byMs).trim();
  };
  return { skew: set, reset: () => set(0), isSkewed };
}
