/* The runs of a store: filtered by words and verdict; two of them can be compared. */
parts.push(async () => {
  const root = document.getElementById('runs');
  const all = await shared('runs');
  if (!root || !all) return;
  const RUNS = 50;
  const body = el('tbody'), count = el('span', {class: 'quiet small count'}), chosen = [];
  const search = el('input', {type: 'search', placeholder: 'test, seed, reason, revision', 'aria-label': 'filter'});
  const verdicts = ['valid', 'invalid', 'unknown', 'no verdict'].filter(v => all.some(r => r[2] === v));
  const kind = el('select', {'aria-label': 'verdict'}, el('option', {value: ''}, 'every verdict'), ...verdicts.map(v => el('option', {value: v}, `${v} (${number.format(all.filter(r => r[2] === v).length)})`)));
  const compare = el('button', {onclick: () => { location.href = `/compare?a=${encodeURIComponent(chosen[0])}&b=${encodeURIComponent(chosen[1])}`; }}, 'compare two');
  const back = el('button', {onclick: () => { page--; fill(); }}, 'previous'), next = el('button', {onclick: () => { page++; fill(); }}, 'next');
  let rows = all, page = 0;
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows = all.filter(r => (!kind.value || r[2] === kind.value) && words.every(w => r.join(' ').toLowerCase().includes(w)));
    page = 0; fill();
  }
  search.addEventListener('input', filter); kind.addEventListener('change', filter);
  function fill() {
    const pages = Math.max(1, Math.ceil(rows.length / RUNS));
    body.replaceChildren(...rows.slice(page * RUNS, (page + 1) * RUNS).map(r => {
      const path = r[0] + '/' + r[1];
      const box = el('input', {type: 'checkbox', 'aria-label': 'compare ' + path});
      box.checked = chosen.includes(path);
      box.addEventListener('change', () => {
        if (box.checked) { chosen.push(path); if (chosen.length > 2) chosen.shift(); } else chosen.splice(chosen.indexOf(path), 1);
        fill();
      });
      const time = r[1].replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d).*$/, '$1-$2-$3 $4:$5:$6 UTC');
      return el('tr', {'data-run': path}, el('td', {}, box), el('td', {class: 'nowrap', 'data-name': 'began'}, el('a', {href: `/runs/${path}/index.html`}, time)), el('td', {'data-name': 'test'}, r[0]),
        el('td', {class: 'nowrap tag ' + (r[2] === 'no verdict' ? 'quiet' : r[2])}, r[2]), el('td', {}, r[3]), el('td', {class: 'mono', 'data-name': 'seed'}, r[4]),
        el('td', {class: 'mono', 'data-name': 'revision'}, r[5]), el('td', {class: 'nowrap'}, el('a', {href: `/runs/${path}/`}, 'files'), ' ', el('a', {href: `/zip/${path}`}, 'download')));
    }));
    count.textContent = `${number.format(rows.length)} of ${number.format(all.length)} runs, page ${page + 1} of ${pages}`;
    back.disabled = page === 0; next.disabled = page >= pages - 1; compare.disabled = chosen.length !== 2;
  }
  root.append(el('div', {class: 'bar'}, search, kind, compare, back, next, count),
    el('div', {class: 'scroll'}, el('table', {class: 'wide'}, el('thead', {}, el('tr', {}, ...['', 'Began', 'Test', 'Verdict', 'Why', 'Seed', 'Revision', ''].map(h => el('th', {}, h)))), body)));
  fill();
  root.dataset.ready = 'yes';
});
