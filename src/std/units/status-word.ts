const words: Readonly<Record<string, string>> = {
  notStarted: 'not run',
  knownDefect: 'known defect',
};

/** How tables write a status of a run or of an entry of a suite. */
export function statusWord(status: string): string {
  return words[status] ?? status;
}
