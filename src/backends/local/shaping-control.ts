import type { ShapingControl } from '../../contracts/cluster.ts';
import { ports } from '../../machine/layout.ts';
import { shapingControl } from '../../machine/shaping.ts';
import { addressMatches, portMatches } from '../../machine/shaping-exempt.ts';
import { labShell } from './enter.ts';
import { labFolder } from './layout.ts';
import { observerAddress } from './layout.ts';
import type { LabRecord } from './record.ts';

/**
 * Shapes the traffic that one member sends. The harness's connections are exempt, and so is the etcd member in the same
 * namespace: it represents a DCS with machines of its own.
 */
export function localShaping(record: LabRecord, node: string): ShapingControl {
  const hostsDcs = record.layout.dcs.some(({ name }) => name === node);
  return shapingControl({
    name: node,
    folder: shapingFolder(node),
    exempt: [
      ...addressMatches(observerAddress),
      ...(hostsDcs
        ? [
            ...portMatches('sport', ports.dcs),
            ...portMatches('sport', ports.dcsPeer),
            ...portMatches('dport', ports.dcsPeer),
          ]
        : []),
    ],
    shell: labShell(record, node),
  });
}

/** Folder inside the lab for a member's shapes. */
export function shapingFolder(node: string): string {
  return `${labFolder}/${node}/shaping`;
}
