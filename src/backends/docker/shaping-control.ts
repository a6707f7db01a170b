import type { ShapingControl } from '../../contracts/cluster.ts';
import { type Layout, ports } from '../../machine/layout.ts';
import { shapingControl } from '../../machine/shaping.ts';
import { arpMatch, portMatches } from '../../machine/shaping-exempt.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { observerPort } from './layout.ts';

/** Folder inside the container for the shapes. */
export const shapingFolder = '/run/forkpoint-shaping';

/**
 * Shapes the traffic that one member's container sends. The harness's connections are exempt, by the ports that no packet
 * rule blocks either: clients on this host have the same address.
 */
export function dockerShaping(access: Access, box: Box, gateway: string): ShapingControl {
  return shapingControl({
    name: box.name,
    folder: shapingFolder,
    exempt: [
      arpMatch(gateway),
      ...[observerPort, ports.patroni].flatMap((port) => portMatches('sport', port, gateway)),
    ],
    shell: access.shell(box),
  });
}

/** This host's address, as members see it. */
export function gatewayOf(layout: Layout): string {
  const [first] = layout.nodes;
  return `${first?.address.split('.').slice(0, 3).join('.') ?? ''}.1`;
}
