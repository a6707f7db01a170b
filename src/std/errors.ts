/** The four classes by who must act; the exit code says the same to a script (DESIGN: exit codes). */
abstract class ForkpointError extends Error {
  abstract readonly exitCode: 2 | 3 | 4 | 5;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The author of the scenario or of the command line must act. */
export class ScenarioError extends ForkpointError {
  readonly exitCode = 3;
}

/** The operator of this host must act: a tool, a port, a right or a container engine is missing. */
export class EnvironmentError extends ForkpointError {
  readonly exitCode = 4;
}

/** The system under test did not boot, converge or answer. Nothing was judged, so: unknown. */
export class ClusterError extends ForkpointError {
  readonly exitCode = 2;
}

/** A step was seen not to run: nothing of it is in force or on its way. */
export class NotCarriedOut extends ClusterError {}

/** Patroni did not confirm a request. The error alone does not say whether the request was carried out. */
export class PatroniAnswer extends ClusterError {
  /** HTTP status; 0: no answer came, and the request may be carried out all the same. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** We must act. */
export class HarnessBug extends ForkpointError {
  readonly exitCode = 5;
}

export type KnownError = ScenarioError | EnvironmentError | ClusterError | HarnessBug;

export function isKnownError(error: unknown): error is KnownError {
  return error instanceof ForkpointError;
}

/** What was thrown, as an error whatever it is. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new HarnessBug(String(thrown));
}

/** The message of any thrown value, for a sentence that quotes it. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

/** Throws for an expression whose capability is absent: `node.network ?? lacks(node, 'network')`. */
export function lacks(owner: { readonly name: string }, capability: string): never {
  throw new ClusterError(`${owner.name}: this backend gives no control over its ${capability}`);
}
