/** '15.18' -> '15', by which a server's programs are installed. */
export function majorOf(version: string): string {
  return version.split('.')[0] ?? version;
}
