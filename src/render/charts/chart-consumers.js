/* Lanes of the run's consumers: their state, what they delivered each second, and their gaps. Runs in the reader's browser. */

/** The charts of the consumers for charts.js, over its data, colours by name and numbers as text; none where the run has no consumer. */
// eslint-disable-next-line no-unused-vars -- charts.js, the next script of the page, calls it.
function consumersOf(view) {
  'use strict';
  const { data, color, short } = view;
  const lanes = data.consumers ?? [];
  /** State -> its colour, that of words on it, and the words. */
  const states = {
    up: ['replica', 'ink', 'up'],
    sourceAway: ['primary', 'paper', 'waits for its source'],
    sinkAway: ['primary', 'paper', 'waits for its sink'],
    frozen: ['fault', 'ink', 'frozen'],
    down: ['down', 'on-down', 'down'],
  };
  const highest = Math.max(
    1,
    ...lanes.flatMap(({ perSecond }) => perSecond.map(([, , changes]) => changes)),
  );

  function draw(u) {
    const { ctx, bbox } = u;
    const scale = devicePixelRatio;
    const tall = bbox.height / lanes.length;
    const box = (from, to) => {
      const x = u.valToPos(from, 'x', true);
      return [x, Math.max(u.valToPos(to, 'x', true) - x, 1.5 * scale)];
    };
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * scale}px system-ui, sans-serif`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    lanes.forEach(({ spans, perSecond, gaps }, index) => {
      const top = bbox.top + index * tall;
      for (const [state, from, to] of spans) {
        const [fill, ink, words] = states[state];
        const [x, width] = box(from, to);
        ctx.fillStyle = color(fill);
        ctx.fillRect(x, top + 0.06 * tall, width, 0.36 * tall);
        ctx.fillStyle = color('paper');
        ctx.fillRect(x - scale, top + 0.06 * tall, scale, 0.36 * tall);
        const shownFrom = Math.max(x, bbox.left);
        if (ctx.measureText(words).width + 8 * scale > x + width - shownFrom) continue;
        ctx.fillStyle = color(ink);
        ctx.fillText(words, shownFrom + 4 * scale, top + 0.25 * tall);
      }
      ctx.fillStyle = color('acknowledged');
      for (const [from, to, changes] of perSecond) {
        const [x, width] = box(from, to);
        const high = Math.max((changes / highest) * 0.48 * tall, scale);
        ctx.fillRect(x, top + 0.96 * tall - high, Math.max(width - scale, scale), high);
      }
      ctx.fillStyle = color('lost');
      for (const at of gaps) {
        const x = u.valToPos(at, 'x', true);
        ctx.fillRect(x - scale, top + 0.06 * tall, 2 * scale, 0.9 * tall);
        ctx.fillText('gap', x + 4 * scale, top + 0.6 * tall);
      }
    });
    ctx.restore();
  }

  /** What each did at a moment. */
  function tell(at) {
    return lanes.flatMap(({ name, spans, perSecond }) => {
      const span = spans.find(([, from, to]) => at >= from && at < to);
      const second = perSecond.find(([from, to]) => at >= from && at < to);
      const words = [
        ...(span ? [states[span[0]][2]] : []),
        ...(second ? [`${short(second[2])} delivered/s`] : []),
      ];
      return words.length === 0 ? [] : [`${name} ${words.join(', ')}`];
    });
  }

  const has = (...wanted) =>
    lanes.some(({ spans }) => spans.some(([state]) => wanted.includes(state)));
  const legend = [
    ...(lanes.length > 0 ? [['acknowledged', 'delivered by a consumer each second']] : []),
    ...(has('sourceAway', 'sinkAway') ? [['primary', 'a consumer waits']] : []),
    ...(lanes.some(({ gaps }) => gaps.length > 0) ? [['lost', 'a consumer names a gap']] : []),
  ];
  const charts =
    lanes.length === 0
      ? []
      : [
          {
            title: 'consumers',
            height: Math.max(44 * lanes.length, 64),
            lanes: lanes.map(({ name }) => name),
            draw: [draw],
            about: 'State of each consumer, and what it delivered each second',
          },
        ];
  return { charts, tell, legend };
}
