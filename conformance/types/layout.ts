/**
 * Lays generated code out as prettier does, with single quotes and at most 100 columns: on one line
 * where it fits, else one part a line.
 */
export type Doc = string | readonly Doc[] | ListDoc | UnionDoc;

interface ListDoc {
  readonly kind: 'list';
  readonly open: string;
  readonly parts: readonly Doc[];
  readonly close: string;
  readonly spaced: boolean;
  readonly separator: string;
}

interface UnionDoc {
  readonly kind: 'union';
  readonly parts: readonly Doc[];
}

export type Lines = readonly string[];

const widthMax = 100;

export function list(
  open: string,
  parts: readonly Doc[],
  close: string,
  o: { readonly spaced?: boolean; readonly separator?: string } = {},
): Doc {
  const { spaced = false, separator = ',' } = o;
  return { kind: 'list', open, parts, close, spaced, separator };
}

const isList = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

/** On one line. */
function flat(doc: Doc): string {
  if (typeof doc === 'string') return doc;
  if (isList(doc)) return doc.map(flat).join('');
  if (doc.kind === 'union') return doc.parts.map(flat).join(' | ');
  const { open, parts, close, spaced, separator } = doc;
  if (parts.length === 0) return open + close;
  const space = spaced ? ' ' : '';
  return `${open}${space}${parts.map(flat).join(`${separator} `)}${space}${close}`;
}

/** The text of a doc that begins in this column of a line indented so far. */
export function laidOut(doc: Doc, indent: number, column: number, after = 1): string {
  const one = flat(doc);
  if (column + one.length + after <= widthMax || typeof doc === 'string') return one;
  if (isList(doc)) return sequence(doc, indent, column, after);
  const pad = ' '.repeat(indent + 2);
  if (doc.kind === 'union') {
    const parts = doc.parts.map((each) => `${pad}| ${laidOut(each, indent + 4, indent + 4)}`);
    return `\n${parts.join('\n')}`;
  }
  // A single bracketed argument hugs its call, as prettier has it.
  const { open, parts, close, separator } = doc;
  const [only] = parts;
  if (parts.length === 1 && isHugged(open, only!)) {
    return `${open}${laidOut(only!, indent, column + open.length, after + close.length)}${close}`;
  }
  const last = open.endsWith('<') ? '' : separator;
  const rows = parts.map((each, at) => {
    const end = at < parts.length - 1 ? separator : last;
    return `${pad}${laidOut(each, indent + 2, indent + 2)}${end}`;
  });
  return `${open}\n${rows.join('\n')}\n${' '.repeat(indent)}${close}`;
}

function isHugged(open: string, only: Doc): boolean {
  if (typeof only === 'string' || isList(only) || only.kind === 'union') return false;
  return open.endsWith('(') && (only.open === '[' || only.open === '{');
}

function sequence(docs: readonly Doc[], indent: number, from: number, after: number): string {
  let text = '';
  let column = from;
  for (const [at, each] of docs.entries()) {
    const rest = docs
      .slice(at + 1)
      .map(flat)
      .join('').length;
    const piece = laidOut(each, indent, column, Math.min(rest, 3) + after);
    const lines = piece.split('\n');
    column = lines.length > 1 ? lines.at(-1)!.length : column + piece.length;
    text += piece;
  }
  return text;
}
