/**
 * A section of the report as pieces, so that a report beyond its size leaves out whole pieces and
 * says how many, and never half of one.
 */
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  /** What stands beside the title: how many there are. */
  readonly count: number;
  readonly pieces: readonly Markup[];
  /** Puts the pieces that fit together. */
  readonly frame: (pieces: readonly Markup[]) => Markup;
  /** What a piece is called where some are left out. */
  readonly unit: string;
}

/** What is taken of a section while `budget` bytes last. */
export function fitting(
  { id, title, count, pieces, frame, unit }: Section,
  budget: number,
): { readonly html: Markup; readonly bytes: number; readonly leftOut: number } {
  let bytes = 0;
  const taken: Markup[] = [];
  for (const piece of pieces) {
    if (bytes + piece.bytes > budget) break;
    bytes += piece.bytes;
    taken.push(piece);
  }
  const leftOut = pieces.length - taken.length;
  const note =
    leftOut === 0
      ? undefined
      : markup`<p class="cut">${leftOut} of ${pieces.length} ${unit} left out: this file is capped in size. The JSON report has them all.</p>`;
  const html = markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title} <span class="count">${count}</span></h2>
${taken.length === 0 && leftOut > 0 ? undefined : frame(taken)}${note}
</section>
`;
  return { html, bytes: html.bytes, leftOut };
}
