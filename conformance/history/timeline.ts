/**
 * A history as one HTML file that needs nothing else: a lane for each process, the operations of
 * the violation in colour, others of their key around them in grey, faults as bands. The number of
 * operations drawn is capped, and the page says how many it leaves out.
 */
import { operationText } from './explain.ts';
import type { Describe } from './sentence.ts';
import type { LongestPrefix } from './explain.ts';
import { sameValue } from './interner.ts';
import type { HistoryResult } from './linearizability.ts';
import type { Operation } from './operation.ts';
import { prefixLines } from './prefixLines.ts';

/** A span of time to mark: a fault, a change of leader. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface TimelineOptions {
  readonly title: string;
  readonly bands?: readonly Band[];
  /** Operations in the words of the user's model. */
  readonly describe?: Describe;
  /** The command that repeats the check. */
  readonly command?: string;
}

/** Most operations one page draws. */
export const timelineOperationsMax = 400;

const laneHeight = 26;
const width = 1200;
const margin = 110;
/** Of a letter of the drawing, a wide one. */
const characterWidth = 6.4;
/** Operations of the violation that are named below the drawing. */
const listedMax = 40;

export function timelineHtml(
  history: readonly Operation[],
  result: HistoryResult,
  options: TimelineOptions,
): string {
  const { describe = operationText } = options;
  const involved = new Set((result.operationsInvolved ?? []).map(identity));
  const sameKey = history.filter((o) => {
    return o.status !== 'fail' && (involved.has(identity(o)) || sameValue(o.key, result.key));
  });
  const [from, to] = span(result.operationsInvolved ?? sameKey);
  const near = sameKey.filter((o) => o.invoke < to && (o.return ?? Infinity) >= from);
  const first = near
    .filter((o) => involved.has(identity(o)))
    .sort((a, b) => a.invoke - b.invoke || (a.return ?? Infinity) - (b.return ?? Infinity));
  const rest = near.filter((o) => !involved.has(identity(o)));
  const drawn = [...first, ...rest].slice(0, timelineOperationsMax);
  const lanes = [...new Set(drawn.map(({ process }) => process))];
  const scale = (time: number): number =>
    margin +
    ((Math.min(Math.max(time, from), to) - from) / Math.max(1, to - from)) * (width - margin - 20);
  const bands = (options.bands ?? []).filter((band) => band.to >= from && band.from <= to);
  const height = 40 + laneHeight * lanes.length;
  const bars = drawn.map((o, at) => {
    const number = at < first.length ? at + 1 : undefined;
    return bar(o, { lane: lanes.indexOf(o.process), number, scale, describe });
  });
  const names = lanes.map((lane, at) => {
    const name = fitted(String(lane), margin - 8);
    const [y, line] = [44 + laneHeight * at, 40 + laneHeight * at];
    return `<line class="lane" x1="${margin}" x2="${width - 20}" y1="${line}" y2="${line}"/>
<text x="4" y="${y}">${escaped(name)}<title>${escaped(String(lane))}</title></text>`;
  });
  const { labels, marks, shift } = bandMarks(bands, scale, height);
  const left = history.length - drawn.length;
  return page(options, result, [
    `<div class="drawing"><svg viewBox="0 0 ${width} ${height + shift}" role="img">`,
    ...labels,
    `<g transform="translate(0,${shift})">`,
    ...marks,
    ...names,
    ...bars,
    '</g></svg></div>',
    `<p class="quiet">Time ${from} to ${to}. ${drawn.length} operations drawn, ${left} of the history left out.</p>`,
    operationList(first, describe),
  ]);
}

/** Bands side by side or over each other; labels that would overlap stand in rows of their own. */
function bandMarks(bands: readonly Band[], scale: (time: number) => number, height: number) {
  const ends: number[] = [];
  const labels: string[] = [];
  const marks = [...bands]
    .sort((a, b) => a.from - b.from)
    .map((each) => {
      const x = scale(each.from);
      const wide = Math.max(2, scale(each.to) - x);
      const label = fitted(each.label, width - x);
      let row = ends.findIndex((end) => end < x);
      if (row === -1) row = ends.length;
      ends[row] = x + 6 + characterWidth * label.length;
      labels.push(`<text x="${x + 2}" y="${11 + labelHeight * row}">${escaped(label)}</text>`);
      return `<rect class="band" x="${x}" y="14" width="${wide}" height="${height - 14}"/>`;
    });
  return { labels, marks, shift: labelHeight * Math.max(0, ends.length - 1) };
}

const labelHeight = 13;

/** What a bar is too short for stands in its title, and of the violation in the list below. */
function bar(
  o: Operation,
  {
    lane,
    number,
    scale,
    describe,
  }: {
    lane: number;
    number?: number | undefined;
    scale: (t: number) => number;
    describe: Describe;
  },
): string {
  const x = scale(o.invoke);
  const wide = Math.max(3, scale(o.return ?? Infinity) - x);
  const y = 30 + laneHeight * lane;
  const text = describe(o);
  const shown = number === undefined ? o.op : `${number}  ${text}`;
  const label = fitted(shown, wide - 6) || fitted(String(number ?? ''), wide - 6);
  const kind = `${number === undefined ? 'other' : 'involved'}${o.status === 'info' ? ' info' : ''}`;
  return `<g class="${kind}"><title>${escaped(text)}</title><rect x="${x}" y="${y}" width="${wide}" height="20" rx="3"/>
<text x="${x + 4}" y="${y + 14}">${escaped(label)}</text></g>`;
}

function operationList(involved: readonly Operation[], describe: Describe): string {
  const shown = involved.slice(0, listedMax).map((o) => `<li>${escaped(describe(o))}</li>`);
  const more = involved.length - shown.length;
  const rest = more === 0 ? '' : `<p class="quiet">and ${more} more</p>`;
  return shown.length === 0 ? '' : `<ol>${shown.join('')}</ol>${rest}`;
}

/** Cut to a width of the drawing; nothing where no word of it would be read. */
function fitted(text: string, wide: number): string {
  const most = Math.floor(wide / characterWidth);
  if (text.length <= most) return text;
  return most < 4 ? '' : `${text.slice(0, most - 1)}…`;
}

const style = `:root{color-scheme:light dark;--paper:#fff;--ink:#16191d;--quiet:#646b75;--line:#e3e6ea;
--bad:#fbd5d0;--edge:#b3261e;--other:#eceef1;--band:#fff3c4;--mark:#d9b74a}
@media (prefers-color-scheme:dark){:root{--paper:#121417;--ink:#e8eaed;--quiet:#969da8;--line:#2c3138;
--bad:#5c2420;--edge:#ff9389;--other:#24282e;--band:#3a2d10;--mark:#8a6d1f}}
body{font:14px/1.5 system-ui,sans-serif;margin:1.5em;max-width:1240px;background:var(--paper);color:var(--ink);overflow-wrap:anywhere}
svg{width:100%;min-width:640px;font-size:11px;display:block}.drawing{overflow-x:auto}svg text{fill:var(--ink)}
h1{font-size:1.5em;margin:0 0 .4em}h2{font-size:1.05em;margin:1.2em 0 .3em}.quiet{color:var(--quiet)}
.lane{stroke:var(--line)}.involved rect{fill:var(--bad);stroke:var(--edge)}.other rect{fill:var(--other);stroke:var(--quiet)}
.info rect{stroke-dasharray:4 2}.band{fill:var(--band);fill-opacity:.6;stroke:var(--mark)}code{background:var(--other);padding:.2em .4em}`;

function page(
  { title, command }: TimelineOptions,
  { verdict, reason, longestPrefix }: HistoryResult,
  body: readonly string[],
): string {
  const prefix = longestPrefix === undefined ? '' : prefixPart(longestPrefix);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>
${style}
</style></head><body>
<header><h1>${escaped(title)}: ${verdict}</h1><p>${escaped(reason ?? '')}</p></header>
${body.join('\n')}
${prefix}
${command === undefined ? '' : `<p>To repeat: <code>${escaped(command)}</code></p>`}
</body></html>
`;
}

function prefixPart(prefix: LongestPrefix): string {
  const [order = '', state = '', ...refused] = prefixLines(prefix);
  const items = refused.map((line) => `<li>${escaped(line.trim())}</li>`);
  return `<h2>How far an order gets</h2><p>${escaped(order)}</p><p>${escaped(state)}</p>
<ul>${items.join('')}</ul>`;
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
