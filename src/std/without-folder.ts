/** Names files of a run from its folder on: where that lies on this host says nothing to a reader elsewhere. */
export function withoutFolder(text: string, directory: string): string {
  return text.replaceAll(`${directory}/`, '');
}
