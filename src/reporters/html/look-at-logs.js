/* Shows what the nodes logged around a moment: of a fault, of a click on a chart, of the page's address. Runs in the reader's browser. */
(() => {
  'use strict';
  const linesShown = 400;
  const lines = JSON.parse(document.getElementById('look-data').textContent);
  const form = document.getElementById('look-form');
  const at = document.getElementById('look-at');
  const around = document.getElementById('look-around');
  const wanted = document.getElementById('look-for');
  const rows = document.getElementById('look-lines');
  const count = document.getElementById('look-count');

  const cell = (text, tag = 'td') => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };

  /** The line before which `seconds` falls is marked, so that the eye finds the moment. */
  function row([atMs, node, program, text], middleMs) {
    const made = document.createElement('tr');
    if (atMs >= middleMs) made.className = 'after';
    const line = cell('');
    const code = document.createElement('code');
    code.textContent = text;
    line.append(code);
    made.append(cell(`${(atMs / 1000).toFixed(3)} s`), cell(node), cell(program), line);
    return made;
  }

  function show() {
    const middleMs = Number(at.value) * 1000;
    const widthMs = Number(around.value) * 1000;
    const nodes = [...form.querySelectorAll('[name=node]:checked')].map(({ value }) => value);
    const text = wanted.value.toLowerCase();
    const found = lines.filter(
      ([atMs, node, , said]) =>
        Math.abs(atMs - middleMs) <= widthMs &&
        nodes.includes(node) &&
        said.toLowerCase().includes(text),
    );
    rows.replaceChildren(...found.slice(0, linesShown).map((line) => row(line, middleMs)));
    rows.querySelector('.after')?.classList.add('moment');
    count.textContent =
      found.length === 0
        ? `No line of these nodes within ${around.value} s of ${at.value} s.`
        : `${found.length} lines within ${around.value} s of ${at.value} s${found.length > linesShown ? `; the first ${linesShown} are shown` : ''}.`;
  }

  /** `seconds` since the start of the load. */
  function lookAt(seconds) {
    at.value = seconds.toFixed(3);
    show();
    document.dispatchEvent(new CustomEvent('moment', { detail: seconds }));
  }

  function fromAddress() {
    const [, seconds] = /^#at=(-?[0-9.]+)$/.exec(location.hash) ?? [];
    if (seconds === undefined) return;
    lookAt(Number(seconds));
    document.getElementById('look').scrollIntoView();
  }

  form.addEventListener('input', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  at.addEventListener('change', () => {
    history.replaceState(null, '', `#at=${Number(at.value).toFixed(3)}`);
  });
  addEventListener('hashchange', fromAddress);
  // From the charts: the reader stays where they are, and the address can be copied.
  document.addEventListener('pick', ({ detail }) => {
    history.replaceState(null, '', `#at=${detail.toFixed(3)}`);
    lookAt(detail);
  });
  show();
  fromAddress();
})();
