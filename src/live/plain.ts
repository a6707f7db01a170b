import { stripVTControlCharacters } from 'node:util';

/** What a server or a file said, as one line of plain text: nothing in it moves a cursor or sets a title. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
}
