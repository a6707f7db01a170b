import { grouped } from './format.ts';
import { statusWord } from '../../std/units/status-word.ts';
import { html, type Markup } from './markup.ts';

export type Cell = string | Markup;

/** A titled table; nothing if it would be empty. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  note?: string,
): Markup | undefined {
  if (rows.length === 0) return undefined;
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${head.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells) =>
              html`<tr>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${note === undefined ? undefined : html`<p class="note">${note}</p>`}
  </section>`;
}

/** How many rows the table leaves out. */
export function more(rest: number, what: string): string | undefined {
  return rest > 0 ? `${grouped(rest)} more ${what} are in result.json.` : undefined;
}

/** A status with the colour of its meaning. */
export function badge(status: string): Markup {
  return html`<span class="badge ${status}">${statusWord(status)}</span>`;
}
