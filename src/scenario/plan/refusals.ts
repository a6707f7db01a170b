import type { FaultStep, Scenario } from '../../contracts/scenario.ts';
import { ScenarioError } from '../../std/errors.ts';

type Position = readonly [line: number, column: number];
const shownAtMost = 10;

/** Impossible requests, each with its position in the file. */
export class Refusals {
  readonly #found: { readonly message: string; readonly place: Position }[] = [];
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** `key` is a dotted path; `step` names the position in a scenario that has none. */
  add(key: string, what: string, step?: FaultStep): void {
    const position = this.#positionOf(key, step);
    const file = this.#scenario.file ?? this.#scenario.name;
    const where = position === undefined ? file : [file, ...position].join(':');
    const shownKey = key.replace(/\.(\d+)/g, '[$1]');
    this.#found.push({ message: `${where}: ${shownKey}: ${what}`, place: position ?? [0, 0] });
  }

  /** Whether the file has this key. */
  has(key: string): boolean {
    return this.#scenario.positions?.[key] !== undefined;
  }

  /** Errors: one ScenarioError with all of them, in the order of the file. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const sorted = this.#found.toSorted(({ place: a }, { place: b }) => a[0] - b[0] || a[1] - b[1]);
    const lines = [...new Set(sorted.map(({ message }) => message))];
    const hidden = lines.length - shownAtMost;
    const more = hidden > 0 ? [`... and ${hidden} more`] : [];
    throw new ScenarioError([...lines.slice(0, shownAtMost), ...more].join('\n'));
  }

  /** A key that was left out has no position; its parent's is used. */
  #positionOf(key: string, step: FaultStep | undefined): Position | undefined {
    const segments = key.split('.');
    for (let length = segments.length; length > 0; length--) {
      const position = this.#scenario.positions?.[segments.slice(0, length).join('.')];
      if (position) return position;
    }
    return step?.line === undefined ? undefined : [step.line, step.column ?? 1];
  }
}
