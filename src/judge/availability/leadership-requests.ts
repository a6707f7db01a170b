import type { RunEvent } from '../../contracts/evidence.ts';
import type { LeaderChange } from '../../contracts/result.ts';

/** Patroni carries out a request within its loops; a later promotion is not the effect of the request. */
const effectMs = 15_000;

interface Request {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The promotions that faults requested. Each request has one effect. */
export class Requests {
  readonly #open: Request[];

  constructor(events: readonly RunEvent[], originMs: number) {
    this.#open = events.flatMap((event) => {
      // What follows such a fault is no failover.
      if (event.type !== 'inject' || event.effects?.asksForPromotion !== true) return [];
      // Nor is what follows a refusal its effect.
      if (events.some((each) => each.type === 'notCarriedOut' && each.id === event.id)) return [];
      const answer = events.find((each) => each.type === 'injected' && each.id === event.id);
      const { from, to } = answer?.type === 'injected' ? namedIn(answer.detail) : {};
      // One without an answer is still under way.
      const untilMs = answer ? answer.atMs + effectMs - originMs : Infinity;
      return [{ fromMs: event.atMs - originMs, untilMs, from, to }];
    });
  }

  /** Whether a fault requested this change, and no earlier one. */
  asksFor({ node, before, atMs }: Omit<LeaderChange, 'how'>): boolean {
    const index = this.#open.findIndex(({ fromMs, untilMs, from, to }) => {
      const isNow = fromMs <= atMs && atMs <= untilMs;
      return isNow && (from ?? before) === before && (to ?? node) === node;
    });
    if (index >= 0) this.#open.splice(index, 1);
    return index >= 0;
  }
}

/** From which node to which a switchover was requested, according to the fault's journal. */
function namedIn(detail: unknown): { readonly from?: string; readonly to?: string } {
  if (typeof detail !== 'object' || detail === null) return {};
  const { from, oldLeader, to, newLeader } = detail as Readonly<Record<string, unknown>>;
  const [before, after] = [from ?? oldLeader, to ?? newLeader];
  return {
    ...(typeof before === 'string' && { from: before }),
    ...(typeof after === 'string' && { to: after }),
  };
}
