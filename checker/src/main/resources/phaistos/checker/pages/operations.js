/* A lane for each thread of the clients, time from left to right, on the axis of the charts. */
parts.push(async () => {
  const root = document.getElementById('operations');
  const d = await shared('operations');
  if (!root || !d) return;
  const scale = d.byIndex ? 1 : 1e6;
  const ops = d.ops.map(o => ({lane: o[0], from: o[1] / scale, to: o[2] < 0 ? Infinity : (o[1] + o[2]) / scale, outcome: o[3],
    f: d.functions[o[4]], begun: o[5], done: o[6], text: o[7], more: o[8], marked: o[9] === 1}));
  const OUTCOMES = ['ok', 'info', 'fail', 'rolled-back'];
  const word = o => o.outcome < 0 ? 'never completed' : OUTCOMES[o.outcome].replace('-', ' ');
  const last = Math.max(1 / scale, ...ops.map(o => o.to === Infinity ? o.from : o.to));
  if (d.byIndex || !document.getElementById('charts')) { view.end = Math.max(last, d.byIndex ? 1 : 0); view.min = 0; view.max = view.end; root.append(viewBar()); }
  const few = d.all > ops.length
    ? `${number.format(ops.length)} of ${number.format(d.all)} operations: those from ${ops[0].from.toFixed(2)} s to ${ops[ops.length - 1].from.toFixed(2)} s. The others are in history.edn.`
    : `All ${number.format(ops.length)} operations.`;
  const unit = d.byIndex ? ' The axis goes by the index in the history, for it has no times.' : '';
  root.append(el('p', {class: 'quiet small'}, few + unit + ' Drag, or turn the wheel with Ctrl, to zoom; press an operation to read it.'),
    el('div', {class: 'legend'}, ...[...OUTCOMES, 'open'].map(o => {
      const mark = el('i'); mark.style.background = colour(o); return el('span', {}, mark, o === 'open' ? 'never completed' : o.replace('-', ' '));
    }), ...(ops.some(o => o.marked) ? [(() => { const m = el('i'); m.style.border = '2px solid ' + colour('lost'); return el('span', {}, m, 'lost'); })()] : [])));
  const head = el('canvas', {class: 'head', height: 22}), canvas = el('canvas', {tabindex: 0, 'aria-label': 'operations of each process'});
  const holder = el('div', {class: 'holder'}, head, canvas);
  const tell = el('p', {class: 'tell quiet', id: 'operation'}, ' ');
  root.append(el('div', {class: 'lanes'}, holder), tell);
  const HEIGHT = 24, LEFT = 64, RIGHT = 12;
  const byLane = d.lanes.map(() => []);
  ops.forEach(o => byLane[o.lane].push(o));
  let picked = null, wide = 0, asked = false;
  const x = v => LEFT + (v - view.min) / (view.max - view.min) * (wide - LEFT - RIGHT);
  const time = px => view.min + (px - LEFT) / (wide - LEFT - RIGHT) * (view.max - view.min);
  function size(c, w, h) { const r = devicePixelRatio || 1; c.width = w * r; c.height = h * r; c.style.height = h + 'px'; const g = c.getContext('2d'); g.setTransform(r, 0, 0, r, 0, 0); return g; }
  function visible(lane) {
    const all = byLane[lane];
    let lo = 0, hi = all.length;
    while (lo < hi) { const mid = (lo + hi) >> 1; if (all[mid].to < view.min) lo = mid + 1; else hi = mid; }
    const found = [];
    for (let i = lo; i < all.length && all[i].from <= view.max; i++) found.push(all[i]);
    return found;
  }
  function draw() {
    asked = false;
    wide = holder.clientWidth;
    const tall = d.lanes.length * HEIGHT + 6;
    const g = size(canvas, wide, tall), h = size(head, wide, 22);
    const ink = colour('ink'), quiet = colour('quiet'), grid = colour('line'), ground = colour('card');
    const fills = OUTCOMES.map(colour), open = colour('open'), lost = colour('lost');
    h.font = g.font = '11.5px system-ui, "DejaVu Sans", sans-serif';
    h.fillStyle = ground; h.fillRect(0, 0, wide, 22);
    const step = nice((view.max - view.min) / Math.max(2, (wide - LEFT) / 110));
    for (let v = Math.ceil(view.min / step) * step; v <= view.max; v += step) {
      h.fillStyle = quiet; h.fillText(d.byIndex ? Math.round(v) + '' : +v.toPrecision(9) + ' s', x(v) + 3, 15);
      g.fillStyle = grid; g.fillRect(x(v), 0, 1, tall); h.fillRect(x(v), 6, 1, 16);
    }
    for (let lane = 0; lane < d.lanes.length; lane++) {
      const y = lane * HEIGHT + 3;
      let lastX = -1, lastFill = null;
      for (const o of visible(lane)) {
        const from = Math.max(LEFT, x(o.from)), to = Math.min(wide - RIGHT, o.to === Infinity ? wide - RIGHT : x(o.to));
        const w = Math.max(1, to - from), fill = o.outcome < 0 ? open : fills[o.outcome];
        if (w <= 1 && Math.floor(from) === lastX && fill === lastFill && !o.marked) continue;
        lastX = Math.floor(from); lastFill = fill;
        g.fillStyle = fill; g.globalAlpha = o.marked || o === picked ? 1 : .75;
        g.fillRect(from, y + 2, w, HEIGHT - 6); g.globalAlpha = 1;
        if (o.marked) { g.strokeStyle = lost; g.lineWidth = 2; g.strokeRect(from, y + 1, Math.max(2, w), HEIGHT - 4); }
        if (o === picked) { g.strokeStyle = ink; g.lineWidth = 2; g.strokeRect(from - 1, y, w + 2, HEIGHT - 2); }
        if (w > 34) { g.save(); g.beginPath(); g.rect(from, y, w - 3, HEIGHT); g.clip(); g.fillStyle = o.outcome === 0 || o.outcome === 2 ? '#fff' : '#111'; if (matchMedia('(prefers-color-scheme: dark)').matches) g.fillStyle = '#111'; g.fillText(o.f + ' ' + o.text, from + 4, y + 14); g.restore(); }
      }
      g.fillStyle = ground; g.fillRect(0, y - 3, LEFT - 2, HEIGHT);
      g.fillStyle = quiet; const name = d.lanes[lane]; g.fillText(name.length > 9 ? name.slice(0, 8) + '…' : name, 6, y + 14);
      g.fillStyle = grid; g.fillRect(0, y + HEIGHT - 3, wide, 1);
    }
    h.fillStyle = ground; h.fillRect(0, 0, LEFT - 2, 22); h.fillStyle = quiet; h.fillText('process', 6, 15);
  }
  function nice(about) { const unit = 10 ** Math.floor(Math.log10(about)); return [1, 2, 5, 10].map(f => f * unit).find(f => f >= about); }
  function later() { if (!asked) { asked = true; requestAnimationFrame(draw); } }
  function find(event) {
    const box = canvas.getBoundingClientRect(), lane = Math.floor((event.clientY - box.top - 3) / HEIGHT), px = event.clientX - box.left;
    if (lane < 0 || lane >= byLane.length || px < LEFT) return null;
    const near = visible(lane).map(o => [Math.max(0, x(o.from) - px, px - (o.to === Infinity ? wide : x(o.to))), o]).sort((a, b) => a[0] - b[0])[0];
    return near && near[0] < 5 ? near[1] : null;
  }
  function show(o) {
    picked = o; later();
    if (!o) return;
    tell.classList.remove('quiet');
    tell.replaceChildren(el('b', {class: o.marked ? 'invalid' : ''}, (o.marked ? 'lost: ' : '') + o.f + ' ' + o.text),
      `process ${d.lanes[o.lane]}, ${d.byIndex ? '' : `from ${o.from.toFixed(6)} s ` + (o.to === Infinity ? '' : `for ${((o.to - o.from) * 1000).toFixed(3)} ms`) + ', '}events ${o.begun} to ${o.done === o.begun ? '?' : o.done}, ${word(o)}${o.more ? ', ' + o.more : ''}`);
  }
  let drag = null;
  canvas.addEventListener('pointerdown', e => { drag = {at: e.offsetX, moved: false}; });
  canvas.addEventListener('pointermove', e => { if (drag && Math.abs(e.offsetX - drag.at) > 6) drag.moved = true; else if (!drag) show(find(e) || picked); });
  canvas.addEventListener('pointerup', e => {
    if (drag && drag.moved) { const [a, b] = [time(drag.at), time(e.offsetX)].sort((p, q) => p - q); view.set(a, b); } else show(find(e));
    drag = null;
  });
  canvas.addEventListener('dblclick', () => view.set(0, view.end));
  canvas.addEventListener('wheel', e => { if (e.shiftKey || e.ctrlKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) { e.preventDefault(); if (e.ctrlKey) view.zoom(time(e.offsetX), e.deltaY > 0 ? 1.25 : .8); else view.move((e.deltaX || e.deltaY) / 600); } }, {passive: false});
  canvas.addEventListener('keydown', e => {
    const act = {ArrowLeft: () => view.move(-.2), ArrowRight: () => view.move(.2), '+': () => view.zoom((view.min + view.max) / 2, .5), '-': () => view.zoom((view.min + view.max) / 2, 2)}[e.key];
    if (act) { e.preventDefault(); act(); }
  });
  view.listeners.push(later);
  new ResizeObserver(later).observe(holder);
  draw();
  root.showOperation = index => {
    const o = ops.find(each => each.done === index || each.begun === index);
    if (!o) return false;
    const span = d.byIndex ? 40 : 1;
    view.set(o.from - span / 2, o.from + span / 2);
    holder.scrollTop = Math.max(0, o.lane * HEIGHT - 100);
    show(o);
    return true;
  };
  const firstMarked = ops.find(o => o.marked);
  if (firstMarked) show(firstMarked);
  root.dataset.ready = 'yes';
});
