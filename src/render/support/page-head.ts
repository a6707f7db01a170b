import { pageStyle } from './assets.ts';
import { html, inlined, type Markup } from './markup.ts';

// A server's or scenario's text that reaches the page can load nothing and send nothing.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

export interface HeadOptions {
  /** Styles that come before ours. */
  readonly libraries?: readonly string[];
  /** Styles of this page. */
  readonly more?: readonly string[];
  /** Its scripts ask the server that it came from; absent: no server. */
  readonly connects?: true;
}

/** The head of every page. */
export function pageHead(
  title: string,
  { libraries = [], more = [], connects }: HeadOptions = {},
): Markup {
  const styles = [...libraries, pageStyle(), ...more].map((style) => inlined('style', style));
  return html`<head>
    <meta charset="utf-8" />
    <meta
      http-equiv="Content-Security-Policy"
      content="${connects ? `${policy}; connect-src 'self'` : policy}"
    />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    ${styles}
  </head>`;
}
