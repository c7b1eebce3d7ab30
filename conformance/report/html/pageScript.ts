/**
 * What the report does in the browser: stepping through behaviours, filters, the state picked in a
 * graph. It reads what the page holds and writes text alone, never HTML; without it everything
 * stands on the page. Its hash is what the page's policy allows.
 */
export const pageScript = `'use strict';
document.documentElement.classList.add('js');
const all = (root, query) => [...root.querySelectorAll(query)];
const make = (name, text) => { const made = document.createElement(name); made.textContent = text; return made; };

for (const viewer of all(document, '.behaviour')) {
  const details = all(viewer, '.detail');
  const buttons = all(viewer, '.steps button');
  const output = viewer.querySelector('output');
  const run = viewer.querySelector('.run');
  let now = 0;
  const show = (step, scroll) => {
    if (details.length === 0) return;
    now = Math.max(0, Math.min(details.length - 1, step));
    details.forEach((one, at) => one.classList.toggle('now', at === now));
    buttons.forEach((one, at) => at === now ? one.setAttribute('aria-current', 'step') : one.removeAttribute('aria-current'));
    for (const dot of all(viewer, '.dot')) dot.classList.toggle('now', Number(dot.dataset.step) === now);
    for (const flight of all(viewer, '.flight')) {
      const { from, to } = flight.dataset;
      flight.classList.toggle('now', Number(from) === now || (to !== undefined && Number(to) === now));
    }
    output.textContent = 'Step ' + (now + 1) + ' of ' + details.length;
    if (!scroll) return;
    const row = buttons[now].parentElement;
    const top = row.offsetTop - run.clientHeight / 2;
    run.scrollTo({ top, behavior: 'auto' });
  };
  const moves = { first: () => 0, previous: () => now - 1, next: () => now + 1, last: () => details.length - 1 };
  const keys = { ArrowLeft: 'previous', ArrowUp: 'previous', ArrowRight: 'next', ArrowDown: 'next', Home: 'first', End: 'last' };
  viewer.addEventListener('click', (event) => {
    const move = event.target.closest('[data-move]');
    const step = event.target.closest('.steps button, .dot');
    if (move) show(moves[move.dataset.move](), true);
    else if (step) show(Number(step.dataset.step), false);
  });
  viewer.addEventListener('keydown', (event) => {
    const move = keys[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey || event.target.closest('pre')) return;
    event.preventDefault();
    show(moves[move](), true);
  });
  show(details.length > 1 ? details.length - 1 : 0, false);
}

for (const section of all(document, '#mutants')) {
  const rows = all(section, 'tr[data-verdict]');
  const search = section.querySelector('input');
  let verdict = '';
  const apply = () => {
    const text = search.value.toLowerCase();
    for (const row of rows) {
      row.hidden = (verdict !== '' && row.dataset.verdict !== verdict) || !row.textContent.toLowerCase().includes(text);
    }
  };
  for (const button of all(section, '[data-filter]')) {
    button.addEventListener('click', () => {
      verdict = button.dataset.filter;
      for (const other of all(section, '[data-filter]')) other.setAttribute('aria-pressed', String(other === button));
      apply();
    });
  }
  search.addEventListener('input', apply);
}

for (const graph of all(document, '.stategraph')) {
  const picture = graph.querySelector('.graph');
  if (!picture) continue;
  const panel = graph.querySelector('.picked');
  const steps = all(graph, '.step');
  const pick = (id) => {
    for (const state of all(graph, '.state')) state.classList.toggle('now', state.dataset.state === id);
    for (const step of steps) step.classList.toggle('now', step.dataset.from === id);
    for (const chip of all(graph, '[data-action]')) chip.removeAttribute('aria-pressed');
    const item = all(graph, '.states li').find((one) => one.dataset.state === id);
    panel.replaceChildren(...(item ? item.cloneNode(true).childNodes : []));
    const list = document.createElement('ul');
    for (const step of steps) {
      if (step.dataset.from !== id) continue;
      for (const label of step.querySelector('title').textContent.split('\\n')) {
        const entry = document.createElement('li');
        const button = make('button', label + ' → ' + step.dataset.to);
        button.type = 'button';
        button.addEventListener('click', () => pick(step.dataset.to));
        entry.append(button);
        list.append(entry);
      }
    }
    panel.append(make('h5', list.childElementCount === 0 ? 'No steps' : 'Steps'), list);
  };
  picture.addEventListener('click', (event) => {
    const state = event.target.closest('.state');
    if (state) pick(state.dataset.state);
  });
  const states = all(picture, '.state').sort((a, b) => a.dataset.state - b.dataset.state);
  picture.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Enter: 0, ' ': 0 }[event.key];
    const at = states.indexOf(event.target.closest('.state'));
    if (by === undefined || at < 0) return;
    event.preventDefault();
    const next = states[(at + by + states.length) % states.length];
    for (const state of states) state.setAttribute('tabindex', state === next ? '0' : '-1');
    next.focus();
    pick(next.dataset.state);
  });
  for (const chip of all(graph, '[data-action]')) {
    chip.addEventListener('click', () => {
      const on = chip.getAttribute('aria-pressed') !== 'true';
      for (const other of all(graph, '[data-action]')) other.setAttribute('aria-pressed', String(on && other === chip));
      for (const step of steps) step.classList.toggle('now', on && step.dataset.actions.split(' ').includes(chip.dataset.action));
    });
  }
  let scale = 0;
  const natural = Number(picture.getAttribute('width'));
  for (const button of all(graph, '[data-zoom]')) {
    button.addEventListener('click', () => {
      const factor = { fit: 0, in: 1.25, out: 0.8 }[button.dataset.zoom];
      scale = factor === 0 ? 0 : (scale || picture.getBoundingClientRect().width / natural) * factor;
      picture.classList.toggle('sized', scale !== 0);
      picture.style.width = scale === 0 ? '' : natural * scale + 'px';
    });
  }
}

const links = all(document, 'nav a');
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links) link.classList.toggle('here', link.hash === '#' + entry.target.id);
  }
}, { rootMargin: '-20% 0px -70% 0px' });
for (const section of all(document, 'main > section')) watcher.observe(section);
`;
