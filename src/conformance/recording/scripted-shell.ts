import type { ExecResult, Shell } from '../../contracts/shell.ts';

/** A shell that leads nowhere: every command gets the answer that `answer` makes. */
export function scriptedShell(
  answer: (
    argv: readonly string[],
  ) => Partial<ExecResult> | Promise<Partial<ExecResult>> = () => ({}),
): Shell {
  return {
    description: 'a script of the test',
    run: async (argv) => ({ exitCode: 0, stdout: '', stderr: '', ...(await answer(argv)) }),
    open: () => Promise.reject(new Error('this shell holds no commands')),
  };
}
