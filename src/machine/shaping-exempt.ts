/** Traffic that is never shaped, as `protocol ... u32 match ...` of `tc filter`. */

/** Everything to one address. */
export function addressMatches(address: string): readonly string[] {
  return [`protocol ip prio 1 u32 match ip dst ${address}/32`, arpMatch(address)];
}

/** ARP requests and replies for one address: without it even exempt traffic would wait once a minute. */
export function arpMatch(address: string): string {
  const hex = address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('');
  // Offset of the target's address in an ARP packet of IPv4 over Ethernet.
  return `protocol arp prio 2 u32 match u32 0x${hex} 0xffffffff at 24`;
}

/** TCP of one port at one end; only to one address, if given. */
export function portMatches(
  end: 'sport' | 'dport',
  port: number,
  address?: string,
): readonly string[] {
  const to = address === undefined ? '' : `match ip dst ${address}/32 `;
  return [`protocol ip prio 1 u32 ${to}match ip protocol 6 0xff match ip ${end} ${port} 0xffff`];
}
