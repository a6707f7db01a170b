/* Chooses runs and draws the trends of one scenario. Runs in the reader's browser, beside uPlot. */
/* global document, getComputedStyle, matchMedia, ResizeObserver, addEventListener, location, uPlot */
(() => {
  'use strict';
  const data = JSON.parse(document.getElementById('trend-data').textContent);
  const scenario = document.getElementById('scenario');
  const status = document.getElementById('status');
  const count = document.getElementById('count');
  const chosen = document.getElementById('chosen');
  const host = document.getElementById('charts');
  const readout = document.getElementById('readout');
  let charts = [];

  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const has = (select, value) => [...select.options].some((option) => option.value === value);
  const short = (value) =>
    value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : `${value}`;
  const time = (at) => new Date(at * 1000).toISOString().slice(0, 16).replace('T', ' ');

  /** What is chosen stands in the address, so that it can be kept and sent. */
  function fromAddress() {
    const wanted = new Map(
      location.hash
        .slice(1)
        .split('&')
        .map((part) => part.split('=').map(decoded)),
    );
    for (const [name, select] of Object.entries({ scenario, status })) {
      const value = wanted.get(name) ?? '';
      select.value = has(select, value) ? value : '';
    }
    show();
  }
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return '';
    }
  }
  function toAddress() {
    const parts = Object.entries({ scenario: scenario.value, status: status.value })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    location.hash = parts.join('&');
  }

  function show() {
    let shown = 0;
    const rows = document.querySelectorAll('#runs tbody tr');
    for (const row of rows) {
      const { scenario: name, status: word } = row.dataset;
      row.hidden =
        (scenario.value !== '' && name !== scenario.value) ||
        (status.value !== '' && word !== status.value);
      if (!row.hidden) shown++;
    }
    for (const row of document.querySelectorAll('#trends tbody tr'))
      row.hidden = scenario.value !== '' && row.dataset.scenario !== scenario.value;
    count.textContent = shown === rows.length ? `${shown} runs` : `${shown} of ${rows.length} runs`;
    draw();
  }

  function draw() {
    for (const chart of charts) chart.destroy();
    charts = [];
    host.replaceChildren();
    chosen.hidden = scenario.value === '';
    if (chosen.hidden) return;
    document.getElementById('chosen-title').textContent = `Trends of ${scenario.value}`;
    const situations = data.situations.filter((each) => each.scenario === scenario.value);
    for (const situation of situations)
      data.columns.forEach((_, index) =>
        charts.push(make(situation, index, situations.length > 1)),
      );
  }

  function make(situation, index, isNamed) {
    const name = data.columns[index] + (data.columns[index] === 'outage' ? ' (s)' : '');
    const holder = document.createElement('div');
    const title = document.createElement('h3');
    title.textContent = isNamed ? `${name}, ${situation.name}` : name;
    holder.append(title);
    holder.setAttribute('role', 'img');
    holder.setAttribute('aria-label', `${title.textContent} of each run; the table below has it`);
    host.append(holder);
    const axis = {
      stroke: color('soft'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    };
    return new uPlot(
      {
        width: holder.clientWidth,
        height: 116,
        legend: { show: false },
        padding: [8, 16, 0, 0],
        cursor: { sync: { key: situation.name }, drag: { x: false, y: false } },
        scales: { y: { range: (_, low, high) => [0, Math.max(high ?? 0, 1) * 1.1] } },
        axes: [
          {
            ...axis,
            values: (_, marks) => marks.map((mark) => time(mark).slice(5).replace(' 00:00', '')),
            space: 80,
            size: 28,
          },
          { ...axis, size: 50, values: (_, marks) => marks.map(short) },
        ],
        series: [
          {},
          {
            stroke: color('acknowledged'),
            width: 1.4,
            points: { show: true, size: 6, fill: color('paper'), stroke: color('acknowledged') },
          },
        ],
        hooks: {
          draw: [(u) => markFailures(u, situation, index)],
          setCursor: [(u) => u.cursor.event && tell(situation, u.cursor.idx)],
        },
      },
      [situation.at, situation.values[index]],
      holder,
    );
  }

  const colours = { fail: 'bad', bug: 'bad', knownDefect: 'defect' };

  /** A run that did not pass has its point filled. */
  function markFailures(u, situation, index) {
    const { ctx } = u;
    ctx.save();
    situation.status.forEach((word, at) => {
      const value = situation.values[index][at];
      if (word === 'pass' || value === null) return;
      ctx.fillStyle = color(colours[word] ?? 'open');
      ctx.beginPath();
      const x = u.valToPos(situation.at[at], 'x', true);
      ctx.arc(x, u.valToPos(value, 'y', true), 4 * uPlot.pxRatio, 0, 2 * Math.PI);
      ctx.fill();
    });
    ctx.restore();
  }

  function tell(situation, at) {
    if (at === null || at === undefined) return;
    const values = data.columns.map(
      (name, index) => `${name} ${situation.values[index][at] ?? 'unknown'}`,
    );
    const parts = [`${time(situation.at[at])} UTC`, situation.word[at], ...values];
    readout.textContent = parts.join(' · ');
  }

  for (const select of [scenario, status]) select.addEventListener('change', toAddress);
  addEventListener('hashchange', fromAddress);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => {
    for (const chart of charts) {
      const width = chart.root.parentElement.clientWidth;
      if (width !== chart.width) chart.setSize({ width, height: chart.height });
    }
  }).observe(host);
  document.querySelector('.filters').addEventListener('submit', (event) => event.preventDefault());
  fromAddress();
})();
