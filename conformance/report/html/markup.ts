/**
 * HTML that is safe by construction: a template whose holes are escaped unless they are HTML made
 * by another such template. What must hold: no text of a spec, a history or a message becomes an
 * element or an attribute. Attributes are always written within double quotes.
 */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** For text that this toolkit wrote itself: a style sheet, a script. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }

  get bytes(): number {
    return Buffer.byteLength(this.text);
  }
}

type Hole = string | number | Markup | readonly Markup[] | undefined;

export function markup(strings: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  const parts = strings.map((text, at) => text + (at < holes.length ? filled(holes[at]) : ''));
  return Markup.trusted(parts.join(''));
}

export const none = markup``;

function filled(hole: Hole): string {
  if (hole === undefined) return '';
  if (hole instanceof Markup) return hole.text;
  if (typeof hole === 'object') return hole.map(({ text }) => text).join('');
  return escaped(String(hole));
}

// A browser drops or alters these, so that what is read would not be what was written.
const unshowable = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

function escaped(text: string): string {
  return text
    .replace(unshowable, '\ufffd')
    .replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A text that may be long: cut with a note of how much is left out. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max)} … (${text.length - max} more characters)`;
}
