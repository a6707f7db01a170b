/** A mapping from YAML, not checked yet. */
export type Raw = Readonly<Record<string, unknown>>;

export function isMapping(raw: unknown): raw is Raw {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
