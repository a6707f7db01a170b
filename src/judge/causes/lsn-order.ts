/** On one server and timeline: is what was lost the end of it? 0 and Infinity where there is none. */
export interface LsnOrder {
  readonly node: string;
  readonly timeline: number;
  firstLostLsn: number;
  lastSurvivingLsn: number;
}

/** The order of lost and surviving writes on each server and timeline. */
export class LsnOrders {
  readonly #orders = new Map<string, LsnOrder>();
  #last: LsnOrder | undefined;

  note(node: string, { timeline, lsn }: LsnOf, isLost: boolean): void {
    let order = this.#last;
    if (order?.timeline !== timeline || order.node !== node) order = this.#orderOf(node, timeline);
    this.#last = order;
    if (isLost) order.firstLostLsn = Math.min(order.firstLostLsn, lsn);
    else order.lastSurvivingLsn = Math.max(order.lastSurvivingLsn, lsn);
  }

  of(node: string, timeline: number | null): LsnOrder | undefined {
    return this.#orders.get(`${timeline} ${node}`);
  }

  withLosses(): readonly LsnOrder[] {
    return [...this.#orders.values()].filter(({ firstLostLsn }) => firstLostLsn < Infinity);
  }

  #orderOf(node: string, timeline: number): LsnOrder {
    const key = `${timeline} ${node}`;
    let order = this.#orders.get(key);
    if (!order) {
      order = { node, timeline, firstLostLsn: Infinity, lastSurvivingLsn: 0 };
      this.#orders.set(key, order);
    }
    return order;
  }
}

interface LsnOf {
  readonly timeline: number;
  readonly lsn: number;
}
