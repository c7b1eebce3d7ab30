/**
 * State graphs: small ones drawn, with the states as a list that the drawing opens; of large ones
 * the steps by action and how many steps leave a state.
 */
import { grouped } from '../columns.ts';
import { drawnStatesMax } from '../drawnGraph.ts';
import type { DrawnGraph, GraphNode } from '../reportPage.ts';
import { graphDrawing } from './graphDrawing.ts';
import type { Markup } from './markup.ts';
import { markup, none, shortened } from './markup.ts';
import type { Section } from './section.ts';
import { bar } from './tables.ts';

const valueMax = 1_000;

export async function graphSection(graphs: readonly DrawnGraph[]): Promise<Section> {
  const pieces: Markup[] = [];
  for (const [at, graph] of graphs.entries()) pieces.push(await oneGraph(graph, `g${at}`));
  const frame = (parts: readonly Markup[]): Markup => markup`${parts}`;
  const [id, title] = ['graph', 'State graph'];
  return { id, title, count: graphs.length, pieces, frame, unit: 'graphs' };
}

async function oneGraph(graph: DrawnGraph, id: string): Promise<Markup> {
  const { name, states, edges, actions, nodes = [] } = graph;
  const drawn = nodes.length > 0 && nodes.length <= drawnStatesMax;
  const what = `${grouped(states)} states, ${grouped(edges)} edges`;
  const body = drawn ? await drawing(graph) : summary(graph);
  const shown = drawn
    ? actions.map(
        ({ action, edges: count }) =>
          markup`<button type="button" data-action="${action}">${action} <span class="muted">${grouped(count)}</span></button>`,
      )
    : [];
  const chips =
    shown.length === 0
      ? none
      : markup`<div class="filters actions" role="group" aria-label="Highlight an action">${shown}</div>`;
  return markup`<article class="stategraph" id="${id}"><h3>${name} <span class="muted">${what}</span></h3>
${chips}${body}</article>
`;
}

async function drawing(graph: DrawnGraph): Promise<Markup> {
  const { nodes = [] } = graph;
  const picture = await graphDrawing(graph);
  return markup`<div class="controls"><button type="button" data-zoom="fit">Fit</button><button type="button" data-zoom="out" aria-label="Smaller">−</button><button type="button" data-zoom="in" aria-label="Larger">+</button></div>
<div class="panes"><div class="canvas" tabindex="0" aria-label="State graph, scrollable">${picture}</div><div class="details picked" aria-live="polite"><p class="muted">Choose a state to see it.</p></div></div>
<details class="states"><summary>All ${nodes.length} states</summary><ol>${nodes.map(stateItem)}</ol></details>`;
}

function stateItem({ id, initial, state }: GraphNode): Markup {
  const pairs = Object.entries(state).map(
    ([name, value]) => markup`<dt>${name}</dt><dd><code>${shortened(value, valueMax)}</code></dd>`,
  );
  return markup`<li data-state="${id}"><h4>State ${id}${initial ? markup` <span class="badge dull">initial</span>` : none}</h4><dl>${pairs}</dl></li>`;
}

function summary({ actions, edges, degrees = [] }: DrawnGraph): Markup {
  const rows = actions.map(
    ({ action, edges: count }) =>
      markup`<tr><th scope="row" class="code">${action}</th><td class="n">${grouped(count)}</td><td class="wide">${bar(count, edges)}</td></tr>`,
  );
  const most = degrees.reduce((max, { states }) => Math.max(max, states), 0);
  const steps = degrees.map(
    ({ degree, states }) =>
      markup`<tr><th scope="row">${degree}</th><td class="n">${grouped(states)}</td><td class="wide">${bar(states, most)}</td></tr>`,
  );
  const histogram =
    steps.length === 0
      ? none
      : markup`<div class="scroll"><table class="plainbars"><thead><tr><th>Steps from a state</th><th>States</th><th></th></tr></thead><tbody>${steps}</tbody></table></div>`;
  return markup`<p class="muted">Too large to draw: by action, and by how many steps leave a state.</p>
<div class="groups"><div class="scroll"><table class="plainbars"><thead><tr><th>Action</th><th>Edges</th><th></th></tr></thead><tbody>${rows}</tbody></table></div>${histogram}</div>`;
}
