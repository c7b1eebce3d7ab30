// Reads the XML that SANY exports: elements and text, no attributes that matter, no comments, no CDATA. What must
// hold: anything else than well-formed elements is an error, never a guess.

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** The text of an element without children. */
  readonly text: string;
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  quot: '"',
};

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?)?(\w+);/g, (whole, numeric: string | undefined, name: string) => {
    if (numeric) return String.fromCodePoint(parseInt(name, numeric === '#x' ? 16 : 10));
    const known = entities[name];
    if (known === undefined) throw new XmlError(`unknown entity ${whole}`);
    return known;
  });
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

export function parseXml(source: string): XmlElement {
  const root: Open = { name: '', children: [], text: '' };
  const stack: Open[] = [root];
  let at = 0;
  for (;;) {
    const start = source.indexOf('<', at);
    const top = stack[stack.length - 1]!;
    if (start < 0) break;
    if (start > at && top.children.length === 0) top.text += decode(source.slice(at, start));
    const end = source.indexOf('>', start);
    if (end < 0) throw new XmlError(`a tag at ${start} never ends`);
    const tag = source.slice(start + 1, end);
    at = end + 1;
    if (tag.startsWith('?') || tag.startsWith('!')) continue;
    if (tag.startsWith('/')) closeElement(stack, tag.slice(1).trim());
    else if (tag.endsWith('/'))
      top.children.push({ name: nameOf(tag.slice(0, -1)), children: [], text: '' });
    else stack.push({ name: nameOf(tag), children: [], text: '' });
  }
  const only = root.children[0];
  if (stack.length > 1) throw new XmlError(`<${stack.at(-1)?.name}> is never closed`);
  if (!only || root.children.length > 1) throw new XmlError('not one root element');
  return only;
}

function nameOf(tag: string): string {
  const blank = tag.search(/\s/);
  return blank < 0 ? tag : tag.slice(0, blank);
}

function closeElement(stack: Open[], name: string): void {
  const open = stack.pop();
  const parent = stack.at(-1);
  if (!open || !parent || open.name !== name) throw new XmlError(`</${name}> closes nothing`);
  parent.children.push(open);
}

/** The first child of that name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((each) => each.name === name);
}

/** The text of the first child of that name, or ''. */
export function childText(element: XmlElement, name: string): string {
  return child(element, name)?.text ?? '';
}
