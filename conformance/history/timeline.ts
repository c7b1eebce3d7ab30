/**
 * A history as one HTML file that needs nothing else: a lane for each process, the operations of
 * the violation in colour, others of their key around them in grey, faults as bands. The number of
 * operations drawn is capped, and the page says how many it leaves out.
 */
import { operationText } from './explain.ts';
import { sameValue } from './interner.ts';
import type { HistoryResult } from './linearizability.ts';
import type { Operation } from './operation.ts';

/** A span of time to mark: a fault, a change of leader. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface TimelineOptions {
  readonly title: string;
  readonly bands?: readonly Band[];
  /** The command that repeats the check. */
  readonly command?: string;
}

/** Most operations one page draws. */
export const timelineOperationsMax = 400;

const laneHeight = 26;
const width = 1200;
const margin = 110;

export function timelineHtml(
  history: readonly Operation[],
  result: HistoryResult,
  options: TimelineOptions,
): string {
  const involved = new Set((result.operationsInvolved ?? []).map(identity));
  const sameKey = history.filter((o) => sameValue(o.key, result.key) && o.status !== 'fail');
  const [from, to] = span(result.operationsInvolved ?? sameKey);
  const near = sameKey.filter((o) => o.invoke <= to && (o.return ?? Infinity) >= from);
  const first = near.filter((o) => involved.has(identity(o)));
  const rest = near.filter((o) => !involved.has(identity(o)));
  const drawn = [...first, ...rest].slice(0, timelineOperationsMax);
  const lanes = [...new Set(drawn.map(({ process }) => process))];
  const scale = (time: number): number =>
    margin +
    ((Math.min(Math.max(time, from), to) - from) / Math.max(1, to - from)) * (width - margin - 20);
  const bands = (options.bands ?? []).filter((band) => band.to >= from && band.from <= to);
  const height = 40 + laneHeight * lanes.length;
  const bars = drawn.map((o) => bar(o, lanes.indexOf(o.process), involved.has(identity(o)), scale));
  const names = lanes.map((lane, at) => {
    return `<text x="4" y="${46 + laneHeight * at}">${escaped(String(lane))}</text>`;
  });
  const marks = bands.map((each) => {
    const x = scale(each.from);
    const wide = Math.max(2, scale(each.to) - x);
    return `<rect class="band" x="${x}" y="14" width="${wide}" height="${height}"/>
<text x="${x + 2}" y="11">${escaped(each.label)}</text>`;
  });
  const left = history.length - drawn.length;
  return page(options, result, [
    `<svg viewBox="0 0 ${width} ${height}" role="img">`,
    ...marks,
    ...names,
    ...bars,
    '</svg>',
    `<p>Time ${from} to ${to}. ${drawn.length} operations drawn, ${left} of the history left out.</p>`,
  ]);
}

function bar(
  o: Operation,
  lane: number,
  involved: boolean,
  scale: (time: number) => number,
): string {
  const x = scale(o.invoke);
  const wide = Math.max(3, scale(o.return ?? Infinity) - x);
  const y = 30 + laneHeight * lane;
  const kind = `${involved ? 'involved' : 'other'}${o.status === 'info' ? ' info' : ''}`;
  const text = escaped(operationText(o));
  return `<g class="${kind}"><title>${text}</title><rect x="${x}" y="${y}" width="${wide}" height="20"/>
<text x="${x + 3}" y="${y + 14}">${involved ? text : escaped(o.op)}</text></g>`;
}

function page(
  { title, command }: TimelineOptions,
  { verdict, reason, longestPrefix }: HistoryResult,
  body: readonly string[],
): string {
  const refused = (longestPrefix?.refused ?? [])
    .slice(0, 20)
    .map(({ operation, why }) => `<li>${escaped(operationText(operation))}: ${escaped(why)}</li>`);
  const order = longestPrefix?.operations.slice(-20).map(operationText).join('; ') ?? '';
  const prefix =
    longestPrefix === undefined
      ? ''
      : `<h2>How far an order gets</h2><p>${escaped(order) || 'Nothing'} — then the state is
${escaped(longestPrefix.state)}, and:</p><ul>${refused.join('')}</ul>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>
body{font:14px system-ui,sans-serif;margin:2em;max-width:1240px}svg{width:100%;font-size:11px}
.involved rect{fill:#f4b6b0;stroke:#b3261e}.other rect{fill:#eee;stroke:#bbb}
.info rect{stroke-dasharray:4 2}.band{fill:#fff3c4}code{background:#f3f3f3;padding:.2em .4em}
</style></head><body>
<h1>${escaped(title)}: ${verdict}</h1><p>${escaped(reason ?? '')}</p>
${body.join('\n')}
${prefix}
${command === undefined ? '' : `<p>To repeat: <code>${escaped(command)}</code></p>`}
</body></html>
`;
}

function span(operations: readonly Operation[]): [number, number] {
  let [from, to] = [Infinity, -Infinity];
  for (const o of operations) {
    from = Math.min(from, o.invoke);
    to = Math.max(to, o.return ?? o.invoke);
  }
  return from > to ? [0, 1] : [from, to + 1];
}

function identity(o: Operation): string {
  return `${o.process} ${o.invoke} ${o.op}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
