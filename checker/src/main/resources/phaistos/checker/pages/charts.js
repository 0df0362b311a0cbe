/* Charts over one axis of time: faults on top, then what the run has data for. */
parts.push(async () => {
  const root = document.getElementById('charts');
  const d = await shared('series');
  if (!root || !d) return;
  view.end = d.end; view.max = d.end;
  root.append(viewBar(), strip(root, d));
  const kinds = [...new Set(d.faults.map(f => f.kind))];
  const legend = el('div', {class: 'legend'}, ...kinds.map(kind => {
    const mark = el('i'); mark.style.background = faultColour(kind);
    return el('span', {}, mark, kind);
  }));
  root.insertBefore(legend, root.children[1]);
  const plots = [];
  const width = d.rate.width;
  const t = d.rate.ok.map((_, i) => (i + .5) * width);
  plots.push(chart(root, d, 'Completions a second', [t, ...d.outcomes.map(o => d.rate[o])],
    d.outcomes.map(o => line(o, outcomeColour(o))), {}));
  plots.push(latency(root, d, t));
  if (d.positions) {
    const p = d.positions, names = Object.keys(p.nodes);
    plots.push(chart(root, d, 'WAL positions', [p.t, ...names.map(n => p.nodes[n])],
      names.map((n, i) => line(n, NODES[i % NODES.length], v => v == null ? 'no answer' : lsn(v), i)), {axis: v => lsn(v), gaps: true, incrs: Array.from({length: 40}, (_, i) => 2 ** (i + 4))}));
    plots.push(chart(root, d, 'Flushed WAL behind the primary', [p.t, ...names.map(n => p.lag[n])],
      names.map((n, i) => line(n, NODES[i % NODES.length], v => v == null ? '–' : bytes(v), i)), {axis: bytes, gaps: true}));
  }
  if (d.losses && d.losses.length) {
    const at = [0, ...d.losses, d.end];
    plots.push(chart(root, d, 'Lost commits by the time of their acknowledgement', [at, at.map((_, i) => i === 0 ? 0 : Math.min(i, d.losses.length))],
      [{...line('lost', colour('lost')), paths: uPlot.paths.stepped({align: 1})}], {}));
  }
  view.listeners.push(() => plots.forEach(plot => plot.setScale('x', {min: view.min, max: view.max})));
  new ResizeObserver(() => plots.forEach(plot => plot.setSize({width: root.clientWidth, height: plot.height}))).observe(root);
  root.dataset.ready = 'yes';
});
const NODES = ['#2f8fdb', '#e08a2e', '#3fa66b', '#c45ab3', '#9a8b2f', '#7a6ff0', '#d05c5c', '#3ba7a7', '#888888'];
function outcomeColour(outcome) { return colour(outcome.replace(' ', '-')); }
function line(label, stroke, value, dash) {
  return {label, stroke, width: 1.6, points: {show: false}, value: (u, v) => v == null ? '–' : value ? value(v) : number.format(Math.round(v * 100) / 100),
    dash: dash ? [[], [8, 3], [3, 3], [10, 3, 3, 3]][dash % 4] : undefined};
}
const FONT = '11.5px system-ui, "DejaVu Sans", sans-serif';
const together = typeof uPlot === 'undefined' ? null : uPlot.sync('time');
function chart(root, d, title, series, lines, options) {
  const box = el('div', {class: 'chart'}, el('h3', {}, title));
  root.append(box);
  const ink = () => colour('quiet'), grid = {stroke: () => colour('line'), width: 1};
  const seconds = v => Math.round(v * 1000) / 1000 + '';
  return new uPlot({
    width: root.clientWidth, height: root.clientWidth < 600 ? 150 : 180, legend: {live: true},
    cursor: {sync: {key: together.key, scales: ['x', null]}, drag: {x: true, y: false}},
    scales: {x: {time: false, min: view.min, max: view.max}, y: options.scale || {range: (u, lo, hi) => [options.gaps ? lo : 0, hi > lo ? hi * (lo < 0 ? 1 : 1.02) : lo + 1]}},
    axes: [{stroke: ink, font: FONT, grid, ticks: grid, size: 32, values: (u, all) => all.map(v => seconds(v) + ' s')},
      {stroke: ink, font: FONT, grid, ticks: grid, size: 84, splits: options.splits, ...(options.incrs ? {incrs: options.incrs} : {}), values: (u, all) => all.map(v => v == null ? '' : options.axis ? options.axis(v) : number.format(v))}],
    series: [{label: 'at', value: (u, v) => v == null ? '–' : v.toFixed(3) + ' s'}, ...lines],
    hooks: {drawClear: [u => bands(u, d)], setScale: [(u, key) => {
      if (key === 'x') view.set(u.scales.x.min, u.scales.x.max);
    }]},
  }, series, box);
}
function bands(u, d) {
  const {left, top, width, height} = u.bbox;
  u.ctx.save();
  u.ctx.beginPath(); u.ctx.rect(left, top, width, height); u.ctx.clip();
  u.ctx.globalAlpha = parseFloat(colour('band-alpha'));
  for (const f of d.faults) {
    const x = u.valToPos(f.from, 'x', true);
    u.ctx.fillStyle = faultColour(f.kind);
    u.ctx.fillRect(x, top, Math.max(1.5, u.valToPos(f.to, 'x', true) - x), height);
  }
  u.ctx.restore();
}
function latency(root, d, t) {
  const points = d.points.slice().sort((a, b) => a[0] - b[0]);
  const x = points.map(p => p[0]);
  const all = [...x, ...t].map((v, i) => [v, i]).sort((a, b) => a[0] - b[0]);
  const column = pick => all.map(([, i]) => i < x.length ? pick(points[i], -1) : pick(null, i - x.length));
  const most = Math.max(1, ...points.map(p => p[3]));
  const dots = d.outcomes.map((o, k) => ({...line(o, outcomeColour(o), v => v + ' ms'), paths: () => null,
    points: {show: true, size: k === 0 || k === 3 ? 3 : 5, width: 0, fill: outcomeColour(o) + (k === 0 || k === 3 ? '99' : '')}}));
  const q = (name, dash) => ({...line(name, colour('ink'), v => v + ' ms', dash), spanGaps: true, width: 1});
  return chart(root, d, 'Latency in milliseconds (logarithmic; every mark is one or more operations, by their begin)',
    [all.map(a => a[0]), ...d.outcomes.map((_, k) => column(p => p && p[2] === k ? p[1] : null)),
      column((p, i) => p ? null : d.rate.median[i]), column((p, i) => p ? null : d.rate.p99[i])],
    [...dots, q('median of ok', 2), q('99 % of ok')], {scale: {distr: 3}, splits: powers, axis: v => v < 0.01 ? v.toExponential(0) : v + ''});
}
function powers(u, axis, min, max) {
  const all = [];
  for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) all.push(+(10 ** e).toPrecision(1));
  return all.filter(v => v >= min && v <= max);
}
/* Faults in rows, so that those that overlap are all seen; a press tells what was measured. */
function strip(root, d) {
  const box = el('div', {class: 'strip', role: 'group', 'aria-label': 'faults'});
  const tell = el('p', {class: 'tell quiet'}, d.faults.length ? 'Point at a fault to read what it did.' : 'No fault in this run.');
  const bars = d.faults.map(f => {
    const name = f.kind + (/^f\d+$/.test(f.handle) ? ' ' + f.handle : '');
    const text = [f.what, 'from ' + f.from.toFixed(2) + ' s ' + (f.open ? 'to the end' : 'to ' + f.to.toFixed(2) + ' s'), f.effect];
    const block = el('i'), label = el('span', {}, name);
    const bar = el('button', {class: f.none ? 'none' : '', title: text.join('\n'), 'data-kind': f.kind}, block, label);
    block.style.background = faultColour(f.kind);
    const show = () => {
      box.querySelectorAll('.picked').forEach(b => b.classList.remove('picked'));
      bar.classList.add('picked');
      tell.replaceChildren(el('b', {}, f.kind), text.join('; '));
      tell.classList.remove('quiet');
    };
    for (const on of ['mouseenter', 'focus', 'click']) bar.addEventListener(on, show);
    return {f, bar, block, label, wish: name.length * 7.3 + 12};
  });
  const marks = [...new Set((d.losses || []).map(t => Math.round(t / d.end * 600) / 600 * d.end))].map(t => {
    const mark = el('span', {class: 'loss'}); mark.dataset.at = t; return mark;
  });
  box.append(...bars.map(b => b.bar), ...marks);
  const place = () => {
    const wide = box.clientWidth, rows = [];
    const at = v => (v - view.min) / (view.max - view.min) * wide;
    for (const {f, bar, block, label, wish} of bars) {
      const from = Math.max(0, at(f.from)), to = Math.min(wide, at(f.to));
      bar.hidden = to < 0 || from > wide;
      if (bar.hidden) continue;
      const breadth = Math.max(3, to - from), fits = breadth >= wish, right = !fits && from + breadth + wish > wide;
      const left = right ? Math.max(0, from - wish) : from, width = fits ? breadth : right ? from + breadth - left : breadth + wish;
      let row = rows.findIndex(until => until <= left);
      if (row < 0) row = rows.push(0) - 1;
      rows[row] = left + width + 2;
      bar.style.cssText = `left:${left}px;width:${width}px;top:${3 + row * 21}px`;
      block.style.left = from - left + 'px';
      block.style.width = breadth + 'px';
      label.style.left = right ? 'auto' : (fits ? 0 : breadth) + 'px';
      label.style.right = right ? breadth + 'px' : 'auto';
      label.style.color = fits ? '#14171b' : colour('ink');
    }
    box.style.height = 4 + Math.max(1, rows.length) * 21 + (marks.length ? 14 : 2) + 'px';
    marks.forEach(mark => { mark.style.left = at(+mark.dataset.at) + 'px'; });
  };
  view.listeners.push(place);
  new ResizeObserver(place).observe(box);
  place();
  const wrap = el('div', {}, box, tell);
  return wrap;
}
