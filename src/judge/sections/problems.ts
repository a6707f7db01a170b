import type { Durability } from '../../contracts/durability.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';
import type { PrimaryVerdict } from '../ledger/fates.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Truth } from '../truth.ts';

interface ProblemSources {
  readonly facts: RunFacts;
  /** Of reading events.jsonl. */
  readonly ofEvents: readonly string[];
  readonly ledger: Ledger;
  readonly truth: Truth;
  readonly fates: PrimaryVerdict;
  readonly durability: Durability | null;
}

/** Everything that prevents judging in full, the run's own problems first. */
export function problemsOf(sources: ProblemSources): readonly string[] {
  const { facts, ofEvents, fates, durability } = sources;
  return [
    ...facts.problems,
    ...ofEvents,
    ...gaps(sources),
    ...undecided(fates),
    ...otherConfiguration(durability),
  ];
}

/** Missing evidence that the run itself did not report. */
function gaps({ facts, ledger, truth }: ProblemSources): readonly string[] {
  const problems = ledger.problems();
  if (facts.loadMs !== undefined && ledger.journals.length === 0) {
    problems.push('the load began, but none of its journals exists');
  }
  if (facts.loadMs !== undefined && !facts.hasEnded) {
    problems.push('the harness did not live to the end of the load');
  }
  if (truth.problem !== undefined) problems.push(truth.problem);
  return problems;
}

function undecided({ undecided: count }: PrimaryVerdict): readonly string[] {
  if (count === 0) return [];
  return [
    `${count} acknowledged writes are gone, perhaps because of a delete that was not journaled`,
  ];
}

/** A run under another configuration than its own proves nothing of its own. */
function otherConfiguration(durability: Durability | null): readonly string[] {
  const names = durability?.notInForce ?? [];
  if (names.length === 0) return [];
  const are = names.length === 1 ? 'is' : 'are';
  return [`asked for by the scenario, ${names.join(', ')} ${are} not in force: see durability`];
}
