/**
 * Histories of clients: each timeline is a page of its own, shown in a frame without scripts,
 * forms or access to this page.
 */
import type { ShownHistory } from '../reportPage.ts';
import type { Markup } from './markup.ts';
import { markup, none, shortened } from './markup.ts';
import type { Section } from './section.ts';
import { badge } from './tables.ts';

const [heightMin, heightMax] = [260, 900];
/** What stands around the drawing: title, reason, legend. */
const aroundDrawing = 260;

export function historySection(histories: readonly ShownHistory[]): Section {
  const pieces = histories.map(({ title, verdict, reason, timeline }) => {
    const said =
      reason === undefined ? none : markup`<p class="reason">${shortened(reason, 4_000)}</p>`;
    return markup`<article class="history"><h3>${title} ${badge(verdict)}</h3>${said}
<iframe sandbox="" title="Timeline of ${title}" style="height:${heightOf(timeline)}px" srcdoc="${timeline}"></iframe></article>
`;
  });
  const frame = (parts: readonly Markup[]): Markup => markup`${parts}`;
  const [id, title] = ['histories', 'Histories'];
  return { id, title, count: histories.length, pieces, frame, unit: 'histories' };
}

function heightOf(timeline: string): number {
  const drawn = Number(/viewBox="0 0 \d+ (\d+)"/.exec(timeline)?.[1] ?? 0);
  return Math.min(heightMax, Math.max(heightMin, drawn + aroundDrawing));
}
