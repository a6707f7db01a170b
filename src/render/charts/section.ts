import { asset, uplot } from '../support/assets.ts';
import { html, inlined, jsonData, type Markup } from '../support/markup.ts';

/** Where charts.js draws. `fallback`: what to say where scripts do not run. */
export function chartSection(fallback: string): Markup {
  return html`<section aria-labelledby="charts-title">
    <div class="bar">
      <h2 id="charts-title">What happened when</h2>
      <output id="readout">Point at a chart, or focus the charts and use the arrow keys.</output>
      <span class="buttons"
        ><button type="button" data-zoom="in" aria-label="Zoom in">+</button
        ><button type="button" data-zoom="out" aria-label="Zoom out">−</button
        ><button type="button" data-zoom="reset">All</button></span
      >
    </div>
    <div
      id="charts"
      tabindex="0"
      role="group"
      aria-label="Charts over one time axis${fallback}"
    ></div>
    <p class="legend" id="legend"></p>
    <noscript>The charts need JavaScript${fallback}.</noscript>
  </section>`;
}

/** At the end of the page's body. `data`: see chartData. */
export function chartScripts(data: object): Markup {
  return html`${[
    jsonData('chart-data', data),
    inlined('script', uplot('uPlot.iife.min.js')),
    inlined('script', asset('chart-paint.js', import.meta.url)),
    inlined('script', asset('chart-consumers.js', import.meta.url)),
    inlined('script', asset('charts.js', import.meta.url)),
  ]}`;
}
