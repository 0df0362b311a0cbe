/* The audit: violations first, then by the order of the history; filtered and paged. */
parts.push(async () => {
  const root = document.getElementById('audit');
  const audits = await shared('audit');
  if (!root || !audits) return;
  audits.forEach(whole);
  const holder = el('div', {});
  if (audits.length > 1) {
    const tabs = audits.map((a, i) => el('button', {'aria-pressed': i === 0, onclick: () => {
      tabs.forEach((tab, k) => tab.setAttribute('aria-pressed', k === i));
      show(a);
    }}, a.name, ': ', el('span', {class: a.verdict}, a.verdict)));
    root.append(el('div', {class: 'bar'}, ...tabs));
  }
  root.append(holder);
  const show = audit => holder.replaceChildren(...auditParts(audit));
  show(audits.find(a => a.verdict === 'invalid') || audits[0]);
  if (audits.length > 1) root.querySelectorAll('.bar button').forEach((tab, i) =>
    tab.setAttribute('aria-pressed', audits[i] === (audits.find(a => a.verdict === 'invalid') || audits[0])));
  root.dataset.ready = 'yes';
});
/* A node that shows what the one before shows has its number only. */
function whole(a) {
  for (const r of a.rows) r[7].forEach((c, i) => {
    if (c.length === 1) r[7][i] = [c[0], ...r[7][i - 1].slice(1)];
    else if (c.length > 6) c[6] = a.segments[c[6]];
  });
}
const PAGE = 25;
function auditParts(a) {
  const body = el('tbody'), count = el('span', {class: 'quiet small count'});
  const search = el('input', {type: 'search', placeholder: 'value, xid, LSN, event', 'aria-label': 'filter'});
  const kind = el('select', {'aria-label': 'judgement'}, el('option', {value: ''}, 'every judgement'),
    ...a.judgements.map(([word, , n], i) => n > 0 ? el('option', {value: i}, `${word} (${number.format(n)})`) : null).filter(Boolean));
  const back = el('button', {onclick: () => { page--; fill(); }}, 'previous'), next = el('button', {onclick: () => { page++; fill(); }}, 'next');
  let page = 0, rows = a.rows;
  const text = r => [r[0], r[4], r[5], a.judgements[r[2]][0], a.promises[r[3]], ...r[7].map(c => c[4] || '')].join(' ').toLowerCase();
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean), j = kind.value;
    rows = a.rows.filter(r => (j === '' || r[2] === +j) && (words.length === 0 || words.every(w => text(r).includes(w))));
    page = 0;
    fill();
  }
  search.addEventListener('input', filter);
  kind.addEventListener('change', filter);
  function fill() {
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    page = Math.max(0, Math.min(page, pages - 1));
    body.replaceChildren(...rows.slice(page * PAGE, (page + 1) * PAGE).map(row));
    const left = a.all - a.rows.length;
    count.textContent = `${number.format(rows.length)} transactions, page ${page + 1} of ${pages}` + (left > 0 ? `; ${number.format(left)} more are only in the JSON report` : '');
    back.disabled = page === 0;
    next.disabled = page >= pages - 1;
  }
  function row(r) {
    const [word, style] = a.judgements[r[2]];
    const tr = el('tr', {class: 'row', tabindex: 0, 'data-event': r[0], 'data-judgement': word},
      el('td', {class: 'mono', 'data-name': 'event'}, String(r[0])), el('td', {class: 'number nowrap', 'data-name': 'at'}, r[1] < 0 ? '' : (r[1] / 1e6).toFixed(3) + ' s'),
      el('td', {class: 'mono', 'data-name': 'values'}, r[4]), el('td', {class: 'mono', 'data-name': 'xid'}, r[5]),
      el('td', {'data-name': 'promise'}, a.promises[r[3]]),
      el('td', {}, el('span', {class: 'tag ' + style}, word), r[6] ? el('div', {class: 'quiet small'}, r[6]) : null));
    const toggle = () => {
      const after = tr.nextElementSibling;
      if (after && after.classList.contains('more')) after.remove();
      else tr.after(el('tr', {class: 'more'}, el('td', {colspan: 6}, ...copies(a, r))));
    };
    tr.addEventListener('click', toggle);
    tr.addEventListener('keydown', e => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); toggle(); } });
    return tr;
  }
  fill();
  return [
    el('p', {class: a.verdict}, a.reason ? a.name + ': ' + a.reason : ''),
    el('div', {class: 'bar'}, search, kind, back, next, count),
    el('div', {class: 'scroll'}, el('table', {class: 'wide'}, el('thead', {}, el('tr', {}, ...['Event', 'At', 'Values', 'xid', 'Promise', 'Judgement'].map(h => el('th', {}, h)))), body)),
    el('p', {class: 'quiet small'}, 'Press a row to see what each node’s files show of it.'),
    ...defects(a), ...auditNodes(a)];
}
function copies(a, r) {
  const all = r[7].map(c => {
    const node = a.nodes[c[0]].name, at = c[4];
    const parts = [el('b', {}, node), ': ', a.presences[c[1]],
      `; commit log ${a.statuses[c[2]]}, after redo ${a.statuses[c[3]]}`];
    if (!at) return el('div', {class: 'copy'}, ...parts);
    const path = a.files ? a.files.replace('%s', node) + '/' + c[6] : c[6];
    parts.push(el('br'), `commit record ${at} to ${c[5]}, timeline ${c[9]}, CRC ${c[8]}, ${c[10]} of its rows seen`, el('br'));
    const place = `${path} at offset ${number.format(c[7])}`;
    const served = location.protocol.startsWith('http') && a.files;
    parts.push(served ? el('a', {class: 'bytes', href: `${path}?from=${c[7]}&length=256`}, place) : el('code', {}, place));
    if (c[11]) parts.push(el('pre', {class: 'hex mono'}, hex(c[11], c[7])));
    if (a.files) parts.push(el('pre', {class: 'mono'}, `./phaistos inspect wal ${folder()}${path} --start ${at} --end ${c[5]}`));
    return el('div', {class: 'copy'}, ...parts);
  });
  const go = el('button', {onclick: e => {
    e.stopPropagation();
    const operations = document.getElementById('operations');
    if (operations && operations.showOperation && operations.showOperation(r[0])) operations.scrollIntoView();
  }}, 'show the operation');
  const by = r[8] ? el('p', {class: 'small'}, 'answered by ', r[8]) : null;
  return [by, ...all, document.getElementById('operations') ? el('div', {class: 'bar'}, go) : null].filter(Boolean);
}
function folder() { const at = document.querySelector('[data-folder]'); return at ? at.dataset.folder + '/' : ''; }
function hex(digits, offset) {
  const lines = [];
  for (let i = 0; i < digits.length; i += 32) {
    const part = digits.slice(i, i + 32).match(/../g);
    const shown = part.map(h => { const c = parseInt(h, 16); return c > 31 && c < 127 ? String.fromCharCode(c) : '.'; }).join('');
    lines.push((offset + i / 2).toString(16).padStart(8, '0') + '  ' + part.join(' ').padEnd(47) + '  ' + shown);
  }
  return lines.join('\n');
}
function simpleTable(heads, rows) {
  return el('div', {class: 'scroll'}, el('table', {class: 'wide'}, el('thead', {}, el('tr', {}, ...heads.map(h => el('th', {}, h)))),
    el('tbody', {}, ...rows.map(cells => el('tr', {}, ...cells.map((c, i) => el('td', {'data-name': heads[i]}, c)))))));
}
function defects(a) {
  if (!a.defects.length) return [];
  return [el('h3', {}, 'Defects in the files'), simpleTable(['Kind', 'Node', 'Where', 'What'], a.defects),
    a.moreDefects > 0 ? el('p', {class: 'quiet'}, number.format(a.moreDefects) + ' more') : el('span')];
}
function auditNodes(a) {
  const rows = a.nodes.map(n => n.unreadable ? [n.name, n.role, '', '', 'cannot be read: ' + n.unreadable, '', '', n.image]
    : [n.name, n.role, n.timeline, n.wal, n.end, n.redo, number.format(n.records), [n.image, ...n.notes].join('; ')]);
  const taken = a.assumptions.length ? [el('h3', {}, 'What the verdict takes for granted'), el('ul', {class: 'plain'}, ...a.assumptions.map(x => el('li', {}, x)))] : [];
  return [el('h3', {}, 'The files of the nodes'), simpleTable(['Node', 'Role', 'Timeline', 'WAL', 'Ends because', 'Redo from', 'Records', 'Image'], rows), ...taken];
}
