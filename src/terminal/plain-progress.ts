import type { LiveEvent } from './live-state.ts';

/** Plain-text progress: faults, marks, and which node leads. */
export function turnsAsLines(log: (line: string) => void): (event: LiveEvent) => void {
  let known: string | undefined;
  return (event) => {
    switch (event.type) {
      case 'inject':
        log(`  ${event.id} (${event.fault}) on ${placeOf(event)}`);
        return;
      case 'mark':
        log(`  mark: ${event.text}`);
        return;
      case 'healed':
        log(`  ${event.id} healed`);
        return;
      case 'topology': {
        const { leader, members } = event.topology;
        const primary = members.find(({ node, role }) => node === leader && role === 'primary');
        if (!primary) return;
        const leads = `${primary.node} leads, timeline ${primary.timeline ?? 'unknown'}`;
        if (leads !== known) log(`  ${leads}`);
        known = leads;
        return;
      }
      default:
        return;
    }
  };
}

function placeOf({ targets, dcsMembers }: Extract<LiveEvent, { readonly type: 'inject' }>): string {
  if (dcsMembers) return `the DCS (${dcsMembers.join(', ')})`;
  return targets.join(', ') || 'the cluster';
}
