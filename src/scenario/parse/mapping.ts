/** A mapping as YAML gave it: nothing checked yet. */
export type Raw = Readonly<Record<string, unknown>>;

export function isMapping(raw: unknown): raw is Raw {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
