export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * How an extension declares what it accepts. A zod schema satisfies it; contracts only name the shape,
 * so that nothing here depends on a library.
 */
export interface Schema<P> {
  safeParse(
    raw: unknown,
  ): { success: true; data: P } | { success: false; error: { issues: readonly SchemaIssue[] } };
}

export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
