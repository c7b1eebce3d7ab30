/**
 * The drawing of a small state graph. Graphviz gives places alone: it sees numbers and rows of x of
 * the width a label takes, never a text of the spec, and the SVG is written here.
 */
import type { DrawnGraph } from '../reportPage.ts';
import type { Markup } from './markup.ts';
import { markup, none, shortened } from './markup.ts';

const labelledArrowsMax = 90;
const labelMax = 24;
const titleMax = 2_000;
const fontSize = 9;

/** All steps from one state to another are one arrow. */
interface Bundle {
  readonly from: number;
  readonly to: number;
  readonly labels: string[];
}

export async function graphDrawing(graph: DrawnGraph): Promise<Markup> {
  const { nodes = [], arrows = [] } = graph;
  const bundles = bundled(arrows);
  const labelled = bundles.length <= labelledArrowsMax;
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const engine = await Graphviz.load();
  const placed = JSON.parse(
    engine.layout(dotOf(nodes, bundles, labelled), 'json', 'dot'),
  ) as Placed;
  const [, , width = 0, height = 0] = numbers(placed.bb);
  const flip = ([x = 0, y = 0]: readonly number[]): string =>
    `${x.toFixed(1)} ${(height - y).toFixed(1)}`;
  const drawn = (placed.edges ?? []).map((edge) => arrow(edge, bundles, flip));
  const initial = new Set(nodes.filter((node) => node.initial).map(({ id }) => id));
  const discs = (placed.objects ?? []).map((object, at) => {
    const id = Number(object.name.slice(1));
    const [x = 0, y = 0] = numbers(object.pos);
    return markup`<g class="state${initial.has(id) ? ' initial' : ''}" data-state="${id}" role="button" tabindex="${at === 0 ? 0 : -1}" aria-label="State ${id}" transform="translate(${flip([x, y])})"><circle r="11"/><text>${id}</text></g>`;
  });
  const [w, h] = [Math.ceil(width) + 8, Math.ceil(height) + 8];
  return markup`<svg class="graph" width="${w}" height="${h}" viewBox="-4 -4 ${w} ${h}" role="group" aria-label="State graph">${drawn}${discs}</svg>`;
}

function bundled(arrows: NonNullable<DrawnGraph['arrows']>): Bundle[] {
  const bundles = new Map<string, Bundle>();
  for (const { from, to, label } of arrows) {
    const key = `${from} ${to}`;
    const known = bundles.get(key);
    if (known === undefined) bundles.set(key, { from, to, labels: [label] });
    else known.labels.push(label);
  }
  return [...bundles.values()];
}

function dotOf(
  nodes: NonNullable<DrawnGraph['nodes']>,
  bundles: readonly Bundle[],
  labelled: boolean,
): string {
  const lines = nodes.map(({ id }) => `n${id};`);
  for (const [at, bundle] of bundles.entries()) {
    const label = labelled ? `,label="${'x'.repeat(labelOf(bundle).length)}"` : '';
    lines.push(`n${bundle.from}->n${bundle.to}[comment="${at}"${label}];`);
  }
  return `digraph{nslimit=2;nslimit1=2;mclimit=0.4;nodesep=0.25;ranksep=0.4;node[shape=circle,fixedsize=true,width=0.31,label=""];
edge[fontname="Courier",fontsize=${fontSize},arrowsize=0.6];${lines.join('\n')}}`;
}

function labelOf({ labels }: Bundle): string {
  const [first = ''] = labels;
  const name = first.length > labelMax ? `${first.slice(0, labelMax - 1)}…` : first;
  return labels.length > 1 ? `${name} +${labels.length - 1}` : name;
}

interface Placed {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly pos: string }[];
  readonly edges?: readonly PlacedEdge[];
}

interface PlacedEdge {
  readonly comment: string;
  readonly pos: string;
  readonly lp?: string;
}

type Flip = (point: readonly number[]) => string;

/** A spline as Graphviz writes it: `e,x,y` the tip, then a start and groups of three points. */
function arrow({ comment, pos, lp }: PlacedEdge, bundles: readonly Bundle[], flip: Flip): Markup {
  const bundle = bundles[Number(comment)];
  if (bundle === undefined) return none;
  const parts = pos.split(' ');
  const tip = parts.find((part) => part.startsWith('e,'));
  const points = parts.filter((part) => !/^[es],/.test(part)).map(numbers);
  const [start = [0, 0], ...rest] = points;
  const line = `M${flip(start)}C${rest.map(flip).join(' ')}`;
  const end = tip === undefined ? none : head(points.at(-1) ?? start, numbers(tip.slice(2)), flip);
  const label =
    lp === undefined
      ? none
      : markup`<text transform="translate(${flip(numbers(lp))})">${labelOf(bundle)}</text>`;
  const actions = [...new Set(bundle.labels.map(actionOf))].join(' ');
  return markup`<g class="step" data-actions="${actions}" data-from="${bundle.from}" data-to="${bundle.to}"><title>${shortened(bundle.labels.join('\n'), titleMax)}</title><path d="${line}"/>${end}${label}</g>`;
}

function head(from: readonly number[], to: readonly number[], flip: Flip): Markup {
  const [[x1 = 0, y1 = 0], [x2 = 0, y2 = 0]] = [from, to];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(2.6 * (x2 - x1)) / length, (2.6 * (y2 - y1)) / length];
  return markup`<path class="tip" d="M${flip([x2, y2])}L${flip([x1 - dy, y1 + dx])}L${flip([x1 + dy, y1 - dx])}z"/>`;
}

/** The name before the arguments. */
export function actionOf(label: string): string {
  return /^[^\s(]+/.exec(label)?.[0] ?? '';
}

function numbers(text: string): number[] {
  return text.split(',').map(Number);
}
