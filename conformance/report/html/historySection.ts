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
/** What stands around the drawing: the operations, how far an order gets. */
const aroundDrawing = 300;

export function historySection(histories: readonly ShownHistory[]): Section {
  const pieces = histories.map(({ title, verdict, reason, timeline }) => {
    const drawn =
      timeline === ''
        ? none
        : markup`<iframe sandbox="" title="Timeline of ${title}" style="height:${heightOf(timeline)}px" srcdoc="${framed(timeline)}"></iframe>`;
    const said =
      reason === undefined ? none : markup`<p class="reason">${shortened(reason, 4_000)}</p>`;
    return markup`<article class="history"><h3>${title} ${badge(verdict)}</h3>${said}
${drawn}</article>
`;
  });
  const frame = (parts: readonly Markup[]): Markup => markup`${parts}`;
  const [id, title] = ['histories', 'Histories'];
  return { id, title, count: histories.length, pieces, frame, unit: 'histories' };
}

/** The section says the title and the reason: a timeline that does as well keeps them to itself. */
function framed(timeline: string): string {
  return timeline.replace('</style>', 'body>header{display:none}body{margin:1em}</style>');
}

function heightOf(timeline: string): number {
  const drawn = Number(/viewBox="0 0 \d+ (\d+)"/.exec(timeline)?.[1] ?? 0);
  return Math.min(heightMax, Math.max(heightMin, drawn + aroundDrawing));
}
