/* The runs of a campaign, failures first: filtered by words and ending, paged. */
parts.push(async () => {
  const root = document.getElementById('campaign-runs');
  const all = await shared('campaign-runs');
  if (!root || !all) return;
  const RUNS = 25, body = el('tbody'), count = el('span', {class: 'quiet small count'});
  const search = el('input', {type: 'search', placeholder: 'seed, workload, violation', 'aria-label': 'filter'});
  const order = ['crashed', 'hung', 'missed', 'invalid', 'unknown', 'valid', 'found'], endings = order.filter(e => all.some(r => r[3] === e));
  all.sort((a, b) => order.indexOf(a[3]) - order.indexOf(b[3]) || a[0] - b[0]);
  const kind = el('select', {'aria-label': 'ending'}, el('option', {value: ''}, 'every ending'), ...endings.map(e => el('option', {value: e}, `${e} (${number.format(all.filter(r => r[3] === e).length)})`)));
  const back = el('button', {onclick: () => { page--; fill(); }}, 'previous'), next = el('button', {onclick: () => { page++; fill(); }}, 'next');
  let rows = all, page = 0;
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows = all.filter(r => (!kind.value || r[3] === kind.value) && words.every(w => r.join(' ').toLowerCase().includes(w)));
    page = 0; fill();
  }
  search.addEventListener('input', filter); kind.addEventListener('change', filter);
  function fill() {
    const pages = Math.max(1, Math.ceil(rows.length / RUNS));
    body.replaceChildren(...rows.slice(page * RUNS, (page + 1) * RUNS).map(r => el('tr', {'data-run': r[0]},
      el('td', {class: 'number', 'data-name': 'run'}, String(r[0])), el('td', {'data-name': 'why'}, r[1]), el('td', {class: 'mono', 'data-name': 'seed'}, String(r[2])),
      el('td', {class: 'tag nowrap ' + ({valid: 'valid', found: 'quiet', unknown: 'unknown', missed: 'unknown'}[r[3]] || 'invalid')}, r[7] ? el('a', {href: r[7]}, r[3]) : r[3]),
      el('td', {'data-name': 'workload'}, r[4]), el('td', {class: 'number nowrap', 'data-name': 'took'}, (r[5] / 1000).toFixed(1) + ' s'), el('td', {}, ...(r[8] ? [el('a', {href: '#' + r[8]}, r[8]), ' '] : []), r[6]))));
    count.textContent = `${number.format(rows.length)} of ${number.format(all.length)} runs, page ${page + 1} of ${pages}`;
    back.disabled = page === 0; next.disabled = page >= pages - 1;
  }
  root.append(el('div', {class: 'bar'}, search, kind, back, next, count),
    el('div', {class: 'scroll'}, el('table', {class: 'wide'}, el('thead', {}, el('tr', {}, ...['Run', 'Why', 'Seed', 'Ending', 'Workload', 'Took', 'Violation'].map(h => el('th', {}, h)))), body)));
  fill();
  root.dataset.ready = 'yes';
});
