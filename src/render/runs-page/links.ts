/** From the page over all runs to what lies below the reports folder. */
export function hrefBelow(inside: string): string {
  return `./${inside.split('/').map(encodeURIComponent).join('/')}`;
}
