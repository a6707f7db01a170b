import type { Topology } from '../contracts/cluster.ts';
import type { Result } from '../contracts/result.ts';
import type { NewEvent } from '../evidence/events/event-log.ts';
import { bytes } from '../std/units/shown.ts';
import type { LiveView } from './live-page.ts';
import type { LiveRun } from './live-run.ts';

const linesShown = 12;

/** The words and numbers beside the charts. */
export class LiveWords {
  readonly #inForce = new Map<string, readonly string[]>();
  readonly #lines: string[] = [];
  #topology: Topology | undefined;
  #lag: Readonly<Record<string, number>> = {};
  #state = 'starting';

  line(text: string): void {
    this.#lines.push(text);
    if (this.#lines.length > linesShown) this.#lines.shift();
  }

  event(event: NewEvent): void {
    if (event.type === 'phase' && event.edge === 'begin') this.#state = event.phase;
    else if (event.type === 'topology') this.#topology = event.topology;
    else if (event.type === 'lag') this.#lag = event.bytes;
    else if (event.type === 'inject') this.#inForce.set(event.id, event.targets);
    else if (event.type === 'healed' || event.type === 'notCarriedOut') {
      this.#inForce.delete(event.id);
    }
  }

  result({ status }: Result): void {
    this.#state = status;
  }

  view(run: LiveRun, report: string | null): LiveView {
    const { lastSecond, acknowledged } = run;
    const counts = lastSecond && Object.values(lastSecond.operations);
    return {
      state: this.#state,
      acknowledged,
      perSecond: counts?.reduce((sum, outcomes) => sum + outcomes.acknowledged, 0) ?? null,
      p99Ms: lastSecond?.latencyMs?.p99 ?? null,
      inForce: [...this.#inForce].map(([id, targets]) =>
        targets.length === 0 ? id : `${id} (${targets.join(', ')})`,
      ),
      members: this.#members(),
      lines: [...this.#lines],
      charts: run.charts() ?? null,
      report,
    };
  }

  #members(): readonly string[] {
    const { members = [], leader } = this.#topology ?? {};
    return members.map(({ node, role, timeline }) => {
      const isLeader = role === 'primary' && node === leader;
      const lag = role === 'replica' ? this.#lag[node] : undefined;
      return [
        `${node}: ${isLeader ? 'leader' : role}`,
        ...(timeline === undefined ? [] : [`timeline ${timeline}`]),
        ...(lag === undefined ? [] : [`lag ${bytes(Math.max(0, lag))}`]),
      ].join(', ');
    });
  }
}
