/** Colours carry no meaning alone: each status is written in its cell too. */
export const style = `
:root { color-scheme: light dark; --text: #1a1d21; --dim: #5b636d; --back: #fff; --line: #d5dae0;
  --held: #e3f3e6; --broken: #f9d4d2; --unknown: #e6e3f7; --impossible: #eef0f2;
  --allowed: #fbeecb; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --dim: #9aa3ad; --back: #15181c; --line: #343a41;
  --held: #173a20; --broken: #5a1d1b; --unknown: #322d52;
  --impossible: #23272c; --allowed: #473a14; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto;
  max-width: 76rem; padding: 1rem 1.25rem 2rem; }
h1 { font-size: 1.4rem; margin: .5rem 0; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .5rem; }
.verdict { font-weight: 600; } footer, caption, small { color: var(--dim); }
caption { text-align: left; padding-bottom: .4rem; } code { font-size: .85em; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
td, thead th { white-space: nowrap; } .grid small { white-space: normal; }
table:not(.grid) { font-size: .87em; } a { color: inherit; }
.grid td { min-width: 8.5rem; } .grid b { display: block; font-size: 1.25rem; } .grid small { display: block; }
.held { background: var(--held); } .broken { background: var(--broken); }
.unknown { background: var(--unknown); } .allowed { background: var(--allowed); } .impossible { background: var(--impossible); }
dt { display: inline-block; padding: .1rem .4rem; font-family: monospace; } dd { margin: .2rem 0 .8rem 1rem; }
@media print { body { max-width: none; } }
`;
