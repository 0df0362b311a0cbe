/* Nodes' logs, faults, positions and client operations in one order of time. */
parts.push(async () => {
  const root = document.getElementById('events');
  const d = await shared('events');
  if (!root || !d) return;
  const o = await shared('operations');
  const all = d.entries.map(e => ({at: e[0], who: e[1], kind: e[2], text: e[3]}));
  if (o && !o.byIndex) o.ops.forEach(op => {
    const what = o.functions[op[4]] + ' ' + op[7], process = 'process ' + o.lanes[op[0]];
    const word = ['ok', 'info', 'fail', 'rolled back'][op[3]];
    all.push({at: op[1], who: process, kind: 'invoke', text: what, event: op[5]});
    if (op[2] >= 0) all.push({at: op[1] + op[2], who: process, kind: 'client', text: (op[9] ? 'lost: ' : '') + what + ' ' + word + (op[8] ? ', ' + op[8] : ''), event: op[6], lost: op[9] === 1});
  });
  const order = {fault: 0, end: 1, turn: 2, log: 3, position: 4, message: 5, invoke: 6, client: 7};
  all.sort((a, b) => a.at - b.at || order[a.kind] - order[b.kind]);
  const groups = {faults: ['fault', 'end'], logs: ['turn', 'log'], operations: ['client'], messages: ['message'], invocations: ['invoke'], positions: ['position']};
  if (!d.entries.some(e => e[2] === 'message')) delete groups.messages;
  const on = {faults: true, logs: true, operations: d.first !== undefined, messages: d.first !== undefined, invocations: false, positions: false};
  let who = '', words = [], shown = 60, centre = d.first;
  const body = el('tbody'), tell = el('span', {class: 'quiet small'});
  const presses = Object.keys(groups).map(name => el('button', {'aria-pressed': on[name], onclick: e => {
    on[name] = !on[name]; e.target.setAttribute('aria-pressed', on[name]); fill();
  }}, name));
  const node = el('select', {'aria-label': 'node'}, el('option', {value: ''}, 'every node'), ...d.nodes.map(n => el('option', {}, n)));
  node.addEventListener('change', () => { who = node.value; fill(); });
  const search = el('input', {type: 'search', placeholder: 'words', 'aria-label': 'words of a line'});
  search.addEventListener('input', () => { words = search.value.toLowerCase().split(/\s+/).filter(Boolean); fill(); });
  let from = 0, list = [];
  function fill() {
    const kinds = new Set(Object.entries(groups).filter(([name]) => on[name]).flatMap(([, k]) => k));
    list = all.filter(e => kinds.has(e.kind) && (!who || e.who === who || !d.nodes.includes(e.who)) && words.every(w => (e.who + ' ' + e.text).toLowerCase().includes(w)));
    let near = centre === undefined ? list.findIndex(e => e.at >= 0) : list.findIndex(e => e.lost || e.at >= centre);
    if (near < 0) near = 0;
    from = Math.max(0, Math.min(list.length - shown, near - (centre === undefined ? 0 : Math.floor(shown / 3))));
    draw();
  }
  function draw() {
    const firstLost = list.find(e => e.lost);
    queueMicrotask(() => { const row = body.querySelector('tr.first'); if (row) { const tall = body.closest('.tall'); tall.scrollTop = Math.max(0, row.offsetTop - tall.clientHeight / 3); } });
    body.replaceChildren(...list.slice(from, from + shown).map(e => el('tr', {class: (e.kind === 'fault' || e.kind === 'end' ? 'fault' : '') + (e === firstLost ? ' first' : ''), 'data-kind': e.kind},
      el('td', {class: 'mono nowrap number'}, (e.at / 1e6).toFixed(6)), el('td', {class: 'nowrap'}, e.who),
      el('td', {class: e.lost ? 'invalid' : e.kind === 'turn' ? 'tag' : ''}, e.text, e.event !== undefined ? el('span', {class: 'quiet small'}, '  event ' + e.event) : null))));
    tell.textContent = `${number.format(list.length)} lines, ${number.format(Math.min(list.length, from + 1))} to ${number.format(Math.min(list.length, from + shown))}`;
    earlier.disabled = from === 0;
    later.disabled = from + shown >= list.length;
  }
  const earlier = el('button', {onclick: () => { from = Math.max(0, from - shown); draw(); }}, 'earlier');
  const later = el('button', {onclick: () => { from = Math.min(Math.max(0, list.length - shown), from + shown); draw(); }}, 'later');
  const whole = el('button', {onclick: () => { centre = Math.round((view.min + view.max) / 2 * 1e6); fill(); }}, 'at the charts’ middle');
  const first = d.first === undefined ? null : el('button', {onclick: () => { centre = d.first; fill(); }}, 'at the first loss');
  root.append(el('div', {class: 'bar'}, ...presses, node, search), el('div', {class: 'bar'}, earlier, later, first, whole, tell),
    el('div', {class: 'scroll tall'}, el('table', {class: 'events'}, el('thead', {}, el('tr', {}, el('th', {}, 'Seconds'), el('th', {}, 'Who'), el('th', {}, 'What'))), body)),
    el('p', {class: 'quiet small'}, 'Times are seconds since the load began. A node’s lines are by its own clock.'));
  fill();
  root.dataset.ready = 'yes';
});
