/**
 * The space-time diagram of a behaviour: a lane a process, time downwards, a dot where it acts, an
 * arrow from the step that sends a message to each step that takes it. A step that names no
 * process is drawn in a lane of its own, so that none is lost.
 */
import type { ShownBehaviour, ShownStep } from '../reportPage.ts';
import type { Markup } from './markup.ts';
import { markup, shortened } from './markup.ts';

export const rowHeight = 40;
/** Few lanes stand wide apart, many close, so that the steps beside them can be read; names fit. */
const laneWidths = { few: 64, many: 44, max: 112 };
const fewMax = 3;
const letterWidth = 7;
/** The name of the lane of steps that name no process. */
const noProcess = 'other';
const titleMax = 500;

export interface Flight {
  readonly message: string;
  readonly from: number;
  /** Absent: not taken by any step shown. */
  readonly to?: number;
}

export interface Diagram {
  readonly lanes: readonly string[];
  readonly flights: readonly Flight[];
  readonly width: number;
  readonly drawing: Markup;
}

export function spaceTime({ steps, lasso }: ShownBehaviour, id: string): Diagram {
  const lanes = lanesOf(steps);
  const laneWidth = laneWidthOf(lanes);
  const laneOf = (at: number): number =>
    Math.max(0, lanes.indexOf(steps[at]?.process ?? noProcess));
  const x = (at: number): number => laneWidth * (laneOf(at) + 0.5);
  const y = (at: number): number => rowHeight * (at + 0.5);
  const flights = flightsOf(steps);
  const [width, height] = [laneWidth * lanes.length, rowHeight * steps.length];
  const lines = lanes.map((_, lane) => {
    const at = laneWidth * (lane + 0.5);
    return markup`<line class="lane" x1="${at}" y1="0" x2="${at}" y2="${height}"/>`;
  });
  const start = x(0);
  const initial =
    steps[0]?.action === undefined && lanes.length > 0
      ? [
          markup`<line class="start" x1="${lanes.length > 1 ? 14 : start - 14}" y1="${y(0)}" x2="${lanes.length > 1 ? width - 14 : start + 14}" y2="${y(0)}"/>`,
        ]
      : [];
  const arrows = flights.map((flight) => arrow(flight, { x, y, id }));
  const dots = steps.map((step, at) =>
    step.action === undefined
      ? markup``
      : markup`<circle class="dot" data-step="${at}" cx="${x(at)}" cy="${y(at)}" r="5"><title>${shortened(step.action, titleMax)}</title></circle>`,
  );
  const back = typeof lasso === 'number' ? [loop(lasso - 1, steps.length - 1, { y, width })] : [];
  const drawing = markup`<svg class="spacetime" width="${width + 18}" height="${height}" viewBox="0 0 ${width + 18} ${height}" role="img" aria-label="Space-time diagram">
<defs><marker id="${id}-head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0.5L8 4L0 7.5z"/></marker></defs>
${lines}${initial}${arrows}${dots}${back}</svg>`;
  return { lanes: lanes.map(laneName), flights, width: width + 18, drawing };
}

function laneWidthOf(lanes: readonly string[]): number {
  const longest = Math.max(0, ...lanes.map((name) => laneName(name).length));
  const least = lanes.length > fewMax ? laneWidths.many : laneWidths.few;
  return Math.min(laneWidths.max, Math.max(least, letterWidth * longest + 14));
}

/** A string of TLA+ without its quotes: a name, not a value. */
const laneName = (text: string): string => /^"([^"\\\\]+)"$/.exec(text)?.[1] ?? text;

function lanesOf(steps: readonly ShownStep[]): string[] {
  const acting = steps.filter(({ action }) => action !== undefined);
  const named = new Set(acting.flatMap(({ process }) => process ?? []));
  const some = acting.some(({ process }) => process === undefined) || named.size === 0;
  return [...[...named].sort(), ...(some ? [noProcess] : [])];
}

/**
 * Messages from the step that sends to the steps that take them. Where a spec's messages stay on
 * the network for ever, the step that handles one names it in its arguments.
 */
function flightsOf(steps: readonly ShownStep[]): Flight[] {
  const flights: Flight[] = [];
  for (const [from, { sent = [] }] of steps.entries()) {
    for (const message of sent) {
      const takers = takersOf(message, steps, from);
      if (takers.length === 0) flights.push({ message, from });
      for (const to of takers) flights.push({ message, from, to });
    }
  }
  return flights;
}

const takersMax = 20;

function takersOf(message: string, steps: readonly ShownStep[], from: number): number[] {
  const wanted = compact(message);
  const takers: number[] = [];
  for (let at = from + 1; at < steps.length && takers.length < takersMax; at += 1) {
    const { received = [], args = [], sent = [] } = steps[at] ?? {};
    const named = args.some(({ value }) => compact(value) === wanted);
    if (named || received.some((one) => compact(one) === wanted)) takers.push(at);
    // Sent anew: later steps take the later one.
    if (sent.some((one) => compact(one) === wanted)) break;
  }
  return takers;
}

function compact(text: string): string {
  return text.replace(/\s+/g, '');
}

interface Places {
  readonly x: (at: number) => number;
  readonly y: (at: number) => number;
  readonly id: string;
}

function arrow({ message, from, to }: Flight, { x, y, id }: Places): Markup {
  const title = markup`<title>${shortened(message, titleMax)}</title>`;
  const [x1, y1] = [x(from), y(from)];
  if (to === undefined) {
    const [x2, y2] = [x1 + 20, y1 + 15];
    return markup`<g class="flight lost" data-from="${from}">${title}<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/><circle cx="${x2}" cy="${y2}" r="2.5"/></g>`;
  }
  const [x2, y2] = [x(to), y(to)];
  const path =
    x1 === x2
      ? `M${x1} ${y1}C${x1 + 30} ${y1 + 8} ${x2 + 30} ${y2 - 8} ${x2 + 5} ${y2 - 3}`
      : straight([x1, y1], [x2, y2]);
  return markup`<g class="flight" data-from="${from}" data-to="${to}">${title}<path class="arrow" d="${path}" marker-end="url(#${id}-head)"/></g>`;
}

/** Ends at the rim of the dot, not in its middle. */
function straight([x1, y1]: [number, number], [x2, y2]: [number, number]): string {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(6 * (x2 - x1)) / length, (6 * (y2 - y1)) / length];
  return `M${(x1 + dx).toFixed(1)} ${(y1 + dy).toFixed(1)}L${(x2 - dx).toFixed(1)} ${(y2 - dy).toFixed(1)}`;
}

function loop(
  to: number,
  from: number,
  { y, width }: { y: (at: number) => number; width: number },
): Markup {
  const side = width + 8;
  const [top, bottom] = [y(to), y(from)];
  return markup`<g class="lasso"><title>goes back to step ${to + 1}</title><path d="M${width - 4} ${bottom}H${side}V${top}H${width - 2}"/><path class="tip" d="M${width - 8} ${top}l7 -4v8z"/></g>`;
}
