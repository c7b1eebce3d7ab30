/**
 * Counterexamples, failing replays and rejected traces: the space-time diagram beside the steps,
 * and for each step what it changed, with the changed parts marked. Without scripts the steps
 * stand one below the other; with them one is shown at a time.
 */
import { stepTitle } from '../behaviourText.ts';
import type { ShownBehaviour, ShownStep } from '../reportPage.ts';
import type { Markup } from './markup.ts';
import { markup, none, shortened } from './markup.ts';
import type { Section } from './section.ts';
import type { Diagram } from './spaceTime.ts';
import { rowHeight, spaceTime } from './spaceTime.ts';
import { valueDiff } from './valueDiff.ts';

const valueMax = 4_000;
const argumentMax = 120;
const titleMax = 500;

export function behaviourSection(behaviours: readonly ShownBehaviour[]): Section {
  const pieces = behaviours.map((one, at) => viewer(one, `b${at}`));
  const frame = (parts: readonly Markup[]): Markup => markup`${parts}`;
  const [id, title] = ['counterexamples', 'Counterexamples'];
  return { id, title, count: behaviours.length, pieces, frame, unit: 'counterexamples' };
}

function viewer(shown: ShownBehaviour, id: string): Markup {
  const { title, reason, steps, repeat } = shown;
  const diagram = spaceTime(shown, id);
  const again =
    repeat === undefined ? none : markup`<p class="repeat">Repeat: <code>${repeat}</code></p>`;
  return markup`<article class="behaviour" id="${id}" tabindex="0" aria-label="${title}">
<h3>${title}</h3>
${reasonText(title, reason)}
<div class="controls"><button type="button" data-move="first" aria-label="First step">⇤</button><button type="button" data-move="previous" aria-label="Previous step">←</button><output>${steps.length} steps</output><button type="button" data-move="next" aria-label="Next step">→</button><button type="button" data-move="last" aria-label="Last step">⇥</button><span class="hint muted">arrow keys step</span></div>
<div class="panes"><div class="run">${laneNames(diagram)}<div class="rows">${diagram.drawing}
<ol class="steps">${steps.map((step, at) => row(step, at))}</ol></div></div>
<div class="details">${steps.map((step, at) => detail(step, at, steps[at - 1]))}${ending(shown)}</div></div>
${again}</article>
`;
}

/** The first line says what, unless the title has; whoever wants the rest opens it. */
function reasonText(title: string, reason: string): Markup {
  const [first = '', ...rest] = shortened(reason, valueMax).split('\n');
  const said = title.includes(first.replace(/^[a-z]+: /, ''));
  const more =
    rest.length === 0
      ? none
      : markup`<details class="more"><summary>In full</summary><pre>${rest.join('\n')}</pre></details>`;
  return markup`${said ? none : markup`<p class="reason">${first}</p>`}${more}`;
}

function laneNames({ lanes, width }: Diagram): Markup {
  const named = lanes.map(
    (name) => markup`<span title="${shortened(name, titleMax)}">${shortened(name, 40)}</span>`,
  );
  return markup`<div class="lanes"><div class="names" style="width:${width}px">${named}</div></div>`;
}

function row(step: ShownStep, at: number): Markup {
  const { action = 'initial state', changed } = step;
  const names =
    step.action === undefined ? none : markup`<span class="changed">${changed.join(', ')}</span>`;
  return markup`<li style="height:${rowHeight}px"><button type="button" data-step="${at}"><span class="number">${at + 1}</span><span class="action">${action}<span class="args">${argumentText(step)}</span></span>${names}</button></li>`;
}

function argumentText({ args }: ShownStep): string {
  if (args.length === 0) return '';
  const list = args.map(({ name, value }) => `${name} = ${shortened(value, argumentMax)}`);
  return `(${list.join(', ')})`;
}

function detail(step: ShownStep, at: number, before: ShownStep | undefined): Markup {
  const { action = 'Initial state', process, sent = [], received = [] } = step;
  const names = Object.keys(step.state);
  const changed = before === undefined ? names : names.filter((one) => step.changed.includes(one));
  const rest = names.filter((one) => !changed.includes(one));
  const by = process === undefined ? none : markup`<p class="by">by ${process}</p>`;
  return markup`<div class="detail" data-step="${at}"><h4><span class="number">${at + 1}</span>${action}<span class="args">${argumentText(step)}</span></h4>${by}
${messages('receives', received)}${messages('sends', sent)}
<dl class="changes">${changed.map((name) => change(name, step, before))}</dl>
${changed.length === 0 ? markup`<p class="muted">Changes nothing.</p>` : none}${unchanged(rest, step)}</div>
`;
}

function messages(verb: string, list: readonly string[]): Markup {
  if (list.length === 0) return none;
  const items = list.map((text) => markup`<code>${shortened(text, valueMax)}</code>`);
  return markup`<p class="message"><span>${verb}</span> ${items}</p>`;
}

function change(name: string, { state }: ShownStep, before: ShownStep | undefined): Markup {
  const now = shortened(state[name] ?? '', valueMax);
  const then = before?.state[name];
  if (then === undefined) return markup`<dt>${name}</dt><dd><code>${now}</code></dd>`;
  const { before: was, after } = valueDiff(shortened(then, valueMax), now);
  return markup`<dt>${name}</dt><dd><code class="was"><span class="sign">−</span>${was}</code><code class="now"><span class="sign">+</span>${after}</code></dd>`;
}

function unchanged(names: readonly string[], { state }: ShownStep): Markup {
  if (names.length === 0) return none;
  const pairs = names.map(
    (name) =>
      markup`<dt>${name}</dt><dd><code>${shortened(state[name] ?? '', valueMax)}</code></dd>`,
  );
  const count = `${names.length} unchanged variable${names.length === 1 ? '' : 's'}`;
  return markup`<details><summary>${count}</summary><dl>${pairs}</dl></details>`;
}

function ending({ lasso, back }: ShownBehaviour): Markup {
  if (lasso === undefined) return none;
  const by = back?.action === undefined ? '' : ` by ${shortened(stepTitle(back), valueMax)}`;
  const text =
    lasso === 'stuttering'
      ? 'After the last step nothing happens any more: the state repeats for ever.'
      : `After the last step the behaviour goes back to step ${lasso}${by} and repeats for ever.`;
  return markup`<p class="ending">${text}</p>`;
}
