/* Keeps the page of a run that goes on up to date. Runs in the reader's browser. */
(() => {
  'use strict';
  const everyMs = 1_000;
  const at = (id) => document.getElementById(id);
  const put = (id, text) => {
    if (at(id).textContent !== text) at(id).textContent = text;
  };

  function show(view) {
    put('state', view.state);
    put('acknowledged', view.acknowledged.toLocaleString('en'));
    put('rate', view.perSecond === null ? '-' : view.perSecond.toLocaleString('en'));
    put('p99', view.p99Ms === null ? '-' : `${view.p99Ms.toFixed(1)} ms`);
    put('in-force', view.inForce.join(', ') || 'nothing');
    put('lines', view.lines.join('\n'));
    at('members').replaceChildren(
      ...view.members.map((text) => {
        const item = document.createElement('li');
        item.textContent = text;
        return item;
      }),
    );
    if (view.charts) document.dispatchEvent(new CustomEvent('chart-data', { detail: view.charts }));
  }

  async function look() {
    try {
      const answer = await fetch('state.json');
      const view = await answer.json();
      show(view);
      // The report stays readable when the server has ended.
      if (view.report !== null) {
        location.assign(view.report);
        return;
      }
    } catch {
      put('state', 'the run does not answer any more');
    }
    setTimeout(look, everyMs);
  }
  void look();
})();
