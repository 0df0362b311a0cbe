'use strict';
/* Parts of a page register what starts them; data blocks are JSON in gzip in base64. */
const parts = [];
function start() { parts.forEach(part => part().catch(fail)); }
function fail(error) {
  const p = el('p', {class: 'invalid'}, 'This part of the page could not be shown: ' + error);
  document.querySelector('main').append(p);
}
async function data(name) {
  const block = document.getElementById('data-' + name);
  if (!block) return null;
  const bytes = Uint8Array.from(atob(block.textContent), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}
const loaded = {};
function shared(name) { return loaded[name] ??= data(name); }
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'onclick') e.addEventListener('click', value);
    else if (value !== null && value !== undefined) e.setAttribute(name, value);
  }
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
}
function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }
const HUES = {partition: '#9db4c0', kill: '#e9837a', crash: '#f0a35e', 'crash-all': '#e5533d', failover: '#b794f6', pause: '#8fa8ef',
  latency: '#7fb8d6', replay: '#9ccf8f', recover: '#7fc7a0', rejoin: '#7fc7a0', liveness: '#b5d99c',
  'slow-disk': '#c2a57a', 'clock-skew': '#6fbfb0', 'client-cut': '#d6b35c', message: '#8fb4c9', checkpoint: '#a9a9c9', reload: '#c9c36a',
  'cancel-backend': '#e0a0c0', 'terminate-backend': '#d080a8', 'terminate-walsender': '#b87fb0'};
const MORE = ['#d6b35c', '#c98fb9', '#83c5be', '#c2b280', '#a3b86c', '#d99b82', '#8fb4c9', '#b59b6a'];
function faultColour(kind) {
  if (HUES[kind]) return HUES[kind];
  let hash = 0;
  for (const c of kind) hash = (hash * 31 + c.charCodeAt(0)) >>> 0;
  return MORE[hash % MORE.length];
}
const number = new Intl.NumberFormat('en-US');
function bytes(n) {
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (Math.abs(n) < 1000 || unit === 'GB') return (Math.abs(n) < 10 && unit !== 'B' ? n.toFixed(1) : Math.round(n)) + ' ' + unit;
    n /= 1000;
  }
}
function lsn(n) { return Math.floor(n / 4294967296).toString(16).toUpperCase() + '/' + (n % 4294967296).toString(16).toUpperCase(); }

/* The span of time that all charts and the operations show. */
const view = {min: 0, max: 1, end: 1, listeners: [],
  set(min, max) {
    const least = this.end / 1e6;
    if (max - min < least) max = min + least;
    min = Math.max(0, min); max = Math.min(this.end, max);
    if (!(max > min) || (min === this.min && max === this.max)) return;
    this.min = min; this.max = max;
    this.listeners.forEach(listener => listener());
  },
  zoom(at, factor) { this.set(at - (at - this.min) * factor, at + (this.max - at) * factor); },
  move(share) { const by = (this.max - this.min) * share; const d = Math.max(-this.min, Math.min(this.end - this.max, by)); this.set(this.min + d, this.max + d); }};
function viewBar() {
  return el('div', {class: 'bar'},
    el('button', {onclick: () => view.zoom((view.min + view.max) / 2, .5), 'aria-label': 'zoom in'}, '+'),
    el('button', {onclick: () => view.zoom((view.min + view.max) / 2, 2), 'aria-label': 'zoom out'}, '−'),
    el('button', {onclick: () => view.move(-.5), 'aria-label': 'earlier'}, '←'),
    el('button', {onclick: () => view.move(.5), 'aria-label': 'later'}, '→'),
    el('button', {onclick: () => view.set(0, view.end)}, 'all'));
}
/* A press copies a command. */
document.querySelectorAll('.command').forEach(box => {
  const press = el('button', {onclick: async () => {
    const text = box.querySelector('pre').textContent;
    try { await navigator.clipboard.writeText(text); press.textContent = 'copied'; }
    catch { getSelection().selectAllChildren(box.querySelector('pre')); press.textContent = 'selected'; }
  }}, 'copy');
  box.append(press);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => location.reload());
