import { isPatroni } from './processes.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/**
 * Prints ADDRESS:PORT of every established connection of Patroni's processes of this network namespace to a port.
 * $1: the port.
 */
const script = `
${isPatroni}
ss -Htnp state established "( dport = :$1 )" | while read -r _ _ _ peer users; do
  for pid in $(printf '%s' "$users" | grep -o 'pid=[0-9]*' | cut -d= -f2); do
    { read -r name < "/proc/$pid/comm"; } 2>/dev/null || continue
    ! is_patroni "$name" "$pid" || { echo "$peer"; break; }
  done
done`;

/** Addresses that Patroni on a machine is connected to at a port, those with most connections first. Errors: ClusterError. */
export async function patroniConnectedTo(
  machine: ShelledMachine,
  port: number,
): Promise<readonly string[]> {
  const said = await runScript(machine, 'look at the connections of Patroni', [
    script,
    String(port),
  ]);
  const counts = new Map<string, number>();
  for (const line of said.split('\n')) {
    // [::ffff:10.0.0.1]:2379 where the socket is of both families.
    const address = /^\[?(?:::ffff:)?(.*?)\]?:\d+$/.exec(line.trim())?.[1];
    if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([address]) => address);
}
