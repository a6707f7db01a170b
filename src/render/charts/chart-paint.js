/* What is painted on and behind the charts of a report, beside uPlot's own lines. Runs in the reader's browser. */

/**
 * Hooks for uPlot's `draw` and `drawClear`, over what charts.js knows: the data of chart-data.ts, colours by name, numbers as
 * text, and the order of nodes, writers and replicas.
 */
// eslint-disable-next-line no-unused-vars -- charts.js, the next script of the page, calls it.
function paintersOf(view) {
  'use strict';
  const { data, nodes, writers, xs, color, short, isSilent, usual, lagStyle } = view;

  const font = () => `${11 * devicePixelRatio}px system-ui, sans-serif`;
  const clipped = (u, work) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    work(ctx, bbox);
    ctx.restore();
  };
  const span = (u, from, to) => {
    const a = u.valToPos(from, 'x', true);
    return [a, Math.max(u.valToPos(to, 'x', true) - a, 1.5 * devicePixelRatio)];
  };

  /** Behind every chart: when faults were in force, and what people noted. */
  function bands(u) {
    clipped(u, (ctx, { top, height }) => {
      ctx.fillStyle = color('fault');
      for (const [, , from, to] of data.faults) {
        const [x, width] = span(u, from, to);
        ctx.globalAlpha = 0.1;
        ctx.fillRect(x, top, width, height);
        ctx.globalAlpha = 0.7;
        ctx.fillRect(x, top, devicePixelRatio, height);
      }
      ctx.fillStyle = color('ink');
      for (const [, at] of data.marks) {
        ctx.fillRect(u.valToPos(at, 'x', true), top, devicePixelRatio, height);
      }
    });
  }

  /** Lines across what clients got no answer from: over its role, which it may have all the same. */
  function hatch(ctx, { x, y, width, height }) {
    const gap = 6 * devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(x, y, width, height);
    ctx.clip();
    ctx.beginPath();
    for (let at = x - height; at < x + width; at += gap) {
      ctx.moveTo(at, y + height);
      ctx.lineTo(at + height, y);
    }
    ctx.strokeStyle = color('unreachable');
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.stroke();
    ctx.restore();
  }

  function lanes(u) {
    clipped(u, (ctx, { top, height }) => {
      const lane = height / nodes.length;
      const boxOf = (node, from, to, [above, below]) => {
        const [x, width] = span(u, from, to);
        const y = top + (nodes.indexOf(node) + above) * lane;
        return { x, y, width, height: lane * (below - above) };
      };
      const bar = (node, from, to, name, part) => {
        const { x, y, width, height: tall } = boxOf(node, from, to, part);
        ctx.fillStyle = color(name);
        ctx.fillRect(x, y, width, tall);
      };
      for (const [node, role, , from, to] of data.roles) bar(node, from, to, role, [0.12, 0.78]);
      for (const [node, from, to] of data.twice) bar(node, from, to, 'twice', [0.12, 0.78]);
      for (const [node, from, to] of data.unreachable)
        if (nodes.includes(node)) hatch(ctx, boxOf(node, from, to, [0.12, 0.78]));
      for (const [, targets, from, to] of data.faults)
        for (const node of targets)
          if (nodes.includes(node)) bar(node, from, to, 'fault', [0.8, 0.95]);
      ctx.font = font();
      ctx.textBaseline = 'middle';
      ctx.textAlign = 'left';
      for (const [node, role, timeline, from, to] of data.roles) {
        const [x, width] = span(u, from, to);
        const isMute = role === 'down' && isSilent(node, (from + to) / 2);
        const word = isMute ? 'no answer' : role;
        const text = timeline === null ? word : `${word}, timeline ${timeline}`;
        // A line where something changed, also where the colour does not.
        ctx.fillStyle = color('paper');
        ctx.fillRect(
          x - devicePixelRatio,
          top + nodes.indexOf(node) * lane,
          devicePixelRatio,
          lane,
        );
        if (ctx.measureText(text).width + 8 * devicePixelRatio > width) continue;
        ctx.fillStyle =
          role === 'replica' ? color('ink') : color(role === 'down' ? 'on-down' : 'paper');
        ctx.fillText(
          text,
          Math.max(x, u.bbox.left) + 4 * devicePixelRatio,
          top + (nodes.indexOf(node) + 0.46) * lane,
        );
      }
    });
  }

  function raster(u) {
    clipped(u, (ctx, { top, height }) => {
      const row = height / Math.max(writers.length, 1);
      ctx.fillStyle = color('lost');
      for (const [writer, from, to] of data.lost) {
        const [x, width] = span(u, from, to);
        ctx.fillRect(x, top + writers.indexOf(writer) * row, width, Math.max(row * 0.85, 1));
      }
    });
  }

  function outages(u) {
    clipped(u, (ctx, { top }) => {
      ctx.font = font();
      ctx.textBaseline = 'top';
      ctx.textAlign = 'center';
      for (const [from, to] of data.outages) {
        const [x, width] = span(u, from, to);
        ctx.fillStyle = color('outage');
        ctx.fillRect(x, top, width, 3 * devicePixelRatio);
        const text = `no write for ${+(to - from).toFixed(1)} s`;
        if (ctx.measureText(text).width < width)
          ctx.fillText(text, x + width / 2, top + 6 * devicePixelRatio);
      }
    });
  }

  /** Says how high it went where a peak is cut off. */
  function peak(u) {
    const highest = data.acknowledged.reduce(
      (most, rate, at) => (rate > data.acknowledged[most] ? at : most),
      0,
    );
    if (!(data.acknowledged[highest] > usual)) return;
    clipped(u, (ctx, { left: from, top, width: all }) => {
      ctx.font = font();
      ctx.textBaseline = 'top';
      ctx.textAlign = 'left';
      const text = `up to ${short(data.acknowledged[highest])}/s, cut off here`;
      const { width } = ctx.measureText(text);
      const beside = u.valToPos(xs[highest], 'x', true) + 12 * devicePixelRatio;
      const x = Math.min(beside, from + all - width - 3 * devicePixelRatio);
      // On paper of its own: the curve is right behind it.
      ctx.fillStyle = color('paper');
      ctx.globalAlpha = 0.8;
      ctx.fillRect(
        x - 3 * devicePixelRatio,
        top,
        width + 6 * devicePixelRatio,
        18 * devicePixelRatio,
      );
      ctx.globalAlpha = 1;
      ctx.fillStyle = color('ink');
      ctx.fillText(text, x, top + 4 * devicePixelRatio);
    });
  }

  /** Whose line is which: one colour and one dash for each node, whatever else these colours mean elsewhere. */
  const namesOf = (names) => (u) => {
    clipped(u, (ctx, { left: from, top }) => {
      ctx.font = font();
      ctx.textBaseline = 'middle';
      ctx.textAlign = 'left';
      let x = from + 8 * devicePixelRatio;
      const y = top + 8 * devicePixelRatio;
      for (const node of names) {
        const { stroke, dash } = lagStyle(node);
        ctx.strokeStyle = stroke;
        ctx.lineWidth = 2 * devicePixelRatio;
        ctx.setLineDash((dash ?? []).map((length) => length * devicePixelRatio));
        ctx.beginPath();
        ctx.moveTo(x, y);
        ctx.lineTo(x + 18 * devicePixelRatio, y);
        ctx.stroke();
        ctx.fillStyle = color('ink');
        ctx.fillText(node, x + 22 * devicePixelRatio, y);
        x += ctx.measureText(node).width + 36 * devicePixelRatio;
      }
    });
  };

  function faultNames(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.font = font();
    ctx.fillStyle = color('ink');
    ctx.textBaseline = 'bottom';
    ctx.textAlign = 'left';
    let free = -Infinity;
    const named = [
      ...data.faults.map(([id, , from]) => [id, from]),
      ...data.marks.map(([text, at]) => [text.length > 40 ? `${text.slice(0, 39)}…` : text, at]),
    ];
    for (const [id, from] of named.sort((a, b) => a[1] - b[1]).slice(0, 60)) {
      const x = u.valToPos(from, 'x', true);
      if (x < free || x < bbox.left - 1 || x > bbox.left + bbox.width) continue;
      ctx.fillText(id, x, bbox.top - 2 * devicePixelRatio);
      free = x + ctx.measureText(id).width + 8 * devicePixelRatio;
    }
    ctx.restore();
  }

  return { bands, lanes, raster, outages, peak, namesOf, faultNames };
}
