/* Draws the charts of a report: one time axis, one cursor, one zoom for all of them. Runs in the reader's browser. */
(() => {
  'use strict';
  const host = document.getElementById('charts');
  const readout = document.getElementById('readout');
  const left = 62;
  let data;
  let nodes;
  let writers;
  let xs;
  let empty;
  let full = [0, 0];
  let zoom = full;
  let usual;
  let lagNodes;
  let staleNodes;
  let painters;
  let consumers;
  let charts = [];
  let cursorAt = 0;

  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const short = (value) =>
    value >= 1e9
      ? `${+(value / 1e9).toFixed(1)}G`
      : value >= 1e6
        ? `${+(value / 1e6).toFixed(1)}M`
        : value >= 1e3
          ? `${+(value / 1e3).toFixed(1)}k`
          : `${+value.toFixed(1)}`;

  const isSilent = (node, at) =>
    data.unreachable.some(([name, from, to]) => name === node && at >= from && at < to);

  /** A node keeps its style, whichever other nodes have lag. */
  const lagStyle = (node) => {
    const index = Math.max(nodes.indexOf(node), 0);
    const dash = [undefined, [7, 4], [2, 3]][index % 3];
    return { stroke: color(`lag-${(index % 3) + 1}`), ...(dash && { dash }) };
  };
  /** The highest rate worth drawing: four times the usual one. */
  function usualRate() {
    const busy = data.acknowledged.filter((rate) => rate > 0).sort((a, b) => a - b);
    const median = busy[Math.floor(busy.length / 2)] ?? 0;
    const highest = [...data.acknowledged, ...data.errors].reduce(
      (most, rate) => Math.max(most, rate),
      0,
    );
    return Math.min(highest, median * 4);
  }

  /** A page of a run that goes on gets new data every second; what was zoomed into stays. */
  function take(next) {
    const wasWhole = zoom[0] === full[0] && zoom[1] === full[1];
    data = next;
    nodes = [...new Set(data.roles.map(([node]) => node))].sort();
    writers = [...new Set(data.lost.map(([writer]) => writer))].sort((a, b) => a - b);
    xs = data.acknowledged.map((_, index) => data.start + index * data.step);
    empty = xs.map(() => null);
    full = [data.start, data.end];
    usual = usualRate();
    lagNodes = Object.keys(data.lag).sort();
    staleNodes = Object.keys(data.stale).sort();
    const about = { data, nodes, writers, xs, usual };
    painters = paintersOf({ ...about, color, short, isSilent, lagStyle });
    consumers = consumersOf({ ...about, color, short });
    drawAll();
    show(wasWhole ? full : zoom);
  }

  const filled = (name, stroke) => ({
    label: name,
    stroke: color(stroke),
    fill: `${color(stroke)}33`,
    width: 1.2,
    points: { show: false },
  });
  const line = (name, stroke, more = {}) => ({
    label: name,
    stroke: color(stroke),
    width: 1.2,
    points: { show: false },
    ...more,
  });

  /** Points on the common buckets: the last look before each. */
  function onBuckets(points) {
    let next = 0;
    let last = null;
    return xs.map((x) => {
      while (next < points.length && points[next][0] <= x) last = points[next++];
      return last && x - last[0] < 1.5 ? Math.max(last[1], 0) : null;
    });
  }

  function specs() {
    const lagTop = Math.max(
      1,
      ...lagNodes.flatMap((node) => data.lag[node].map(([, bytes]) => bytes)),
    );
    return [
      {
        title: 'nodes',
        height: Math.max(24 * nodes.length, 48) + 16,
        top: 16,
        lanes: nodes,
        draw: [painters.lanes, painters.faultNames],
        about: 'Role of each node over time',
      },
      ...consumers.charts,
      {
        title: 'ops/s',
        height: 106,
        values: [data.acknowledged, data.errors],
        series: [filled('acknowledged', 'acknowledged'), filled('errors', 'errors')],
        draw: [painters.outages, painters.peak],
        high: usual,
        about: 'Acknowledged operations and errors per second',
      },
      ...(writers.length === 0
        ? []
        : [
            {
              title: 'lost',
              height: Math.min(Math.max(writers.length * 4, 44), 110),
              lanes: [`${writers.length} writer${writers.length === 1 ? '' : 's'}`],
              draw: [painters.raster],
              about: 'Lost writes by writer and time of acknowledgement',
            },
          ]),
      {
        title: 'latency ms',
        height: 92,
        log: true,
        values: [data.p50, data.p99, data.max],
        series: [line('p50', 'p50'), line('p99', 'p99'), line('longest', 'max', { dash: [3, 3] })],
        about: 'Latency of acknowledged operations, logarithmic',
      },
      ...(lagNodes.length === 0
        ? []
        : [
            {
              title: 'lag bytes',
              height: 80,
              values: lagNodes.map((node) => onBuckets(data.lag[node])),
              high: lagTop,
              series: lagNodes.map((node) => line(`lag of ${node}`, 'max', lagStyle(node))),
              draw: [painters.namesOf(lagNodes)],
              about: 'Replication lag in bytes',
            },
          ]),
      ...(staleNodes.length === 0
        ? []
        : [
            {
              title: 'stale s',
              height: 80,
              values: staleNodes.map((node) => onBuckets(data.stale[node])),
              high: Math.max(
                0.1,
                ...staleNodes.flatMap((node) => data.stale[node].map(([, age]) => age)),
              ),
              series: staleNodes.map((node) => line(`age of ${node}`, 'max', lagStyle(node))),
              draw: [painters.namesOf(staleNodes)],
              about: 'Age of the state that reads of each node saw, in seconds',
            },
          ]),
    ];
  }

  const axis = () => ({
    stroke: color('soft'),
    grid: { stroke: color('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  });
  const secondsOf = (mark) => `${+mark.toFixed(3)} s`;

  function rangeOf(spec) {
    if (spec.lanes) return () => [0, spec.lanes.length];
    if (spec.log)
      return (_, low, high) => [decade(low ?? 1, Math.floor), decade(high ?? 10, Math.ceil)];
    // What is caught up in a moment after an outage would flatten all the rest: it is cut off, and told in words.
    return (_, low, high) => [0, Math.max(spec.high ?? high ?? 0, 1) * 1.08];
  }
  const decade = (value, round) => 10 ** round(Math.log10(Math.max(value, 0.01)));

  function sideAxis(spec) {
    const common = { size: left, label: spec.title, labelSize: 14, labelFont: axis().font };
    if (spec.lanes) {
      const splits = spec.lanes.map((_, index) => spec.lanes.length - index - 0.5);
      return { ...common, grid: { show: false }, splits: () => splits, values: () => spec.lanes };
    }
    const values = (_, marks) => marks.map((mark) => (mark === null ? '' : short(mark)));
    if (!spec.log) return { ...common, values, space: 26 };
    const decades = (_, __, low, high) => {
      const count = Math.round(Math.log10(high / low)) + 1;
      return Array.from({ length: count }, (___, power) => low * 10 ** power);
    };
    return { ...common, splits: decades, values };
  }

  function make(spec, isLast) {
    const holder = document.createElement('div');
    holder.setAttribute('role', 'img');
    holder.setAttribute('aria-label', spec.about);
    host.append(holder);
    return new uPlot(
      {
        width: host.clientWidth,
        height: spec.height + (isLast ? 30 : 0),
        padding: [spec.top ?? 6, 16, isLast ? 0 : 4, 0],
        legend: { show: false },
        cursor: {
          sync: { key: 'run', setSeries: false },
          drag: { x: true, y: false, setScale: false },
          points: { show: !spec.lanes },
        },
        scales: {
          x: { time: false, range: () => zoom },
          y: { distr: spec.log ? 3 : 1, range: rangeOf(spec) },
        },
        axes: [
          { ...axis(), show: isLast, size: 30, values: (_, marks) => marks.map(secondsOf) },
          { ...axis(), ...sideAxis(spec) },
        ],
        series: [{}, ...(spec.series ?? [{ show: false }])],
        hooks: {
          drawClear: [painters.bands],
          draw: spec.draw ?? [],
          setCursor: [(u) => u.cursor.event && tell(u.posToVal(u.cursor.left, 'x'))],
          setSelect: [
            (u) => {
              if (u.select.width < 4) return;
              show([
                u.posToVal(u.select.left, 'x'),
                u.posToVal(u.select.left + u.select.width, 'x'),
              ]);
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
          ready: [
            (u) => {
              u.over.addEventListener('dblclick', () => show(full));
              // After a drag there is no click: uPlot holds it back.
              u.over.addEventListener('click', () => pick(u.posToVal(u.cursor.left, 'x')));
            },
          ],
        },
      },
      [xs, ...(spec.values ?? [empty])],
      holder,
    );
  }

  function show([from, to]) {
    const least = Math.min(data.step * 4, full[1] - full[0]);
    const width = Math.min(Math.max(to - from, least), full[1] - full[0]);
    const start = Math.min(Math.max(from, full[0]), full[1] - width);
    zoom = [start, start + width];
    for (const chart of charts) chart.setScale('x', { min: zoom[0], max: zoom[1] });
    host.dataset.zoom = zoom.map((at) => String(+at.toFixed(3))).join('-');
  }

  function scaleBy(factor) {
    const middle = (zoom[0] + zoom[1]) / 2;
    const half = ((zoom[1] - zoom[0]) / 2) * factor;
    show([middle - half, middle + half]);
  }

  /** One line that says what was so at a moment. */
  function tell(at) {
    if (!(at >= 0)) return;
    const index = Math.min(Math.max(Math.floor((at - data.start) / data.step), 0), xs.length - 1);
    const roles = data.roles
      .filter(([, , , from, to]) => at >= from && at < to)
      .map(([node, role]) => `${node} ${role}${isSilent(node, at) ? ' (unreachable)' : ''}`);
    const inForce = data.faults
      .filter(([, , from, to]) => at >= from && at <= to)
      .map(([id]) => id);
    const mark = data.marks.findLast(([, from]) => from <= at);
    const lost = data.lost.filter(([, from, to]) => at >= from && at <= to).length;
    const parts = [
      `${at.toFixed(2)} s`,
      `${short(data.acknowledged[index])} writes/s`,
      `${short(data.errors[index])} errors/s`,
      ...(data.p99[index] === null
        ? []
        : [`p50 ${short(data.p50[index])} ms, p99 ${short(data.p99[index])} ms`]),
      ...(lost > 0 ? [`${lost} writers losing`] : []),
      ...(roles.length > 0 ? [roles.join(', ')] : []),
      ...consumers.tell(at),
      ...(inForce.length > 0 ? [`in force: ${inForce.join(', ')}`] : []),
      ...(mark ? [`${(at - mark[1]).toFixed(2)} s after '${mark[0]}'`] : []),
    ];
    readout.textContent = parts.join(' · ');
  }

  /** A page with logs shows what they say at this moment. */
  function pick(at) {
    document.dispatchEvent(new CustomEvent('pick', { detail: at }));
  }

  /** From a link to a moment: it is in sight, and the cursor stands on it. */
  function pointAt(at) {
    cursorAt = Math.min(Math.max(at, full[0]), full[1]);
    const width = zoom[1] - zoom[0];
    if (cursorAt < zoom[0] || cursorAt > zoom[1])
      show([cursorAt - width / 2, cursorAt + width / 2]);
    charts[0]?.setCursor({ left: charts[0].valToPos(cursorAt, 'x'), top: 8 });
    tell(cursorAt);
  }

  const hasRole = (wanted) => data.roles.some(([, role]) => role === wanted);

  function legend() {
    const entries = [
      ['leader', 'leader'],
      ...(hasRole('primary') ? [['primary', 'primary without the lock']] : []),
      ['replica', 'replica'],
      ...(hasRole('down') ? [['down', 'down']] : []),
      ...(data.twice.length > 0 ? [['twice', 'two servers take writes']] : []),
      ...(data.unreachable.length > 0 ? [['unreachable', 'unreachable for clients']] : []),
      ...consumers.legend,
      ['fault', 'fault in force'],
      ...(data.marks.length > 0 ? [['ink', 'mark']] : []),
      ['acknowledged', 'acknowledged'],
      ['errors', 'failed or indeterminate'],
      ['p50', 'p50'],
      ['p99', 'p99'],
      ['max', 'longest'],
      ...(data.lost.length > 0 ? [['lost', 'lost']] : []),
    ];
    const holder = document.getElementById('legend');
    holder.replaceChildren(
      ...entries.map(([name, text]) => {
        const item = document.createElement('span');
        const mark = document.createElement('i');
        mark.style.background =
          name === 'unreachable'
            ? `repeating-linear-gradient(135deg, ${color(name)} 0 2px, ${color('replica')} 2px 4px)`
            : color(name);
        item.append(mark, text);
        return item;
      }),
    );
  }

  function drawAll() {
    for (const chart of charts) chart.destroy();
    host.replaceChildren();
    const wanted = specs();
    charts = wanted.map((spec, index) => make(spec, index === wanted.length - 1));
    legend();
  }

  host.addEventListener('keydown', (event) => {
    const step = (zoom[1] - zoom[0]) / 60;
    const zooms = { '+': () => scaleBy(0.5), '-': () => scaleBy(2), Escape: () => show(full) };
    const moves = {
      ArrowLeft: () => cursorAt - step,
      ArrowRight: () => cursorAt + step,
      Home: () => zoom[0],
      End: () => zoom[1],
    };
    const { key } = event;
    if (key === 'Enter') pick(cursorAt);
    if (!zooms[key] && !moves[key]) return;
    event.preventDefault();
    zooms[key]?.();
    const wanted = moves[key]?.() ?? Math.min(Math.max(cursorAt, zoom[0]), zoom[1]);
    cursorAt = Math.min(Math.max(wanted, full[0]), full[1]);
    if (cursorAt < zoom[0]) show([cursorAt, cursorAt + zoom[1] - zoom[0]]);
    if (cursorAt > zoom[1]) show([cursorAt - (zoom[1] - zoom[0]), cursorAt]);
    charts[0]?.setCursor({ left: charts[0].valToPos(cursorAt, 'x'), top: 8 });
    tell(cursorAt);
  });
  for (const button of document.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () => {
      const { zoom: wanted } = button.dataset;
      if (wanted === 'reset') show(full);
      else scaleBy(wanted === 'in' ? 0.5 : 2);
    });
  }
  let width = 0;
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    for (const chart of charts) chart.setSize({ width, height: chart.height });
  }).observe(host);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  // Paper is white whatever the screen is.
  const print = (isPrinting) => {
    document.documentElement.classList.toggle('printing', isPrinting);
    drawAll();
  };
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
  document.addEventListener('moment', ({ detail }) => pointAt(detail));
  document.addEventListener('chart-data', ({ detail }) => take(detail));
  take(JSON.parse(document.getElementById('chart-data').textContent));
})();
