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
  const { open, parts, close, separator } = doc;
  const hugged = huggedPart(doc);
  if (hugged !== undefined) {
    const lead = `${open}${parts
      .slice(0, -1)
      .map((each) => `${flat(each)}, `)
      .join('')}`;
    return `${lead}${laidOut(hugged, indent, column + lead.length, after + close.length)}${close}`;
  }
  const last = open.endsWith('<') ? '' : separator;
  const rows = parts.map((each, at) => {
    const text = laidOut(each, indent + 2, indent + 2);
    const end = at < parts.length - 1 ? separator : last;
    // The bars of a union stand one step in.
    const unindented = text.startsWith('\n') ? text.slice(1).replace(/^ {2}/gm, '') : pad + text;
    return `${unindented}${end}`;
  });
  return `${open}\n${rows.join('\n')}\n${' '.repeat(indent)}${close}`;
}

/** The last argument of a call, where it is bracketed and those before it are short; an object type. */
function huggedPart({ open, parts }: ListDoc): Doc | undefined {
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  if (typeof last === 'string' || isList(last) || last.kind === 'union') return undefined;
  if (open.endsWith('<')) return parts.length === 1 && last.open === '{' ? last : undefined;
  if (!open.endsWith('(')) return undefined;
  const brackets = last.open === '[' || last.open === '{';
  return brackets && parts.slice(0, -1).every((each) => typeof each === 'string')
    ? last
    : undefined;
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
