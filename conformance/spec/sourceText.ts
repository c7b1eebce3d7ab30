// The spec's own text at a place SANY names, laid out so that it can stand in a generated module: indentation matters
// in TLA+, so a piece keeps its columns.

import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { GeneratedModule } from '../tlc/stage.ts';
import type { Span } from './syntax.ts';

const tabWidth = 8;

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let out = '';
  for (const char of line) {
    out += char === '\t' ? ' '.repeat(tabWidth - (out.length % tabWidth)) : char;
  }
  return out;
}

export type TextAt = (span: Span) => string;

/** Reads the modules once; the answer cuts pieces out of them. */
export async function readSources(o: {
  module: string;
  libraryPaths?: readonly string[];
  modules?: readonly GeneratedModule[];
  names: readonly string[];
}): Promise<TextAt> {
  const folders = [dirname(resolve(o.module)), ...(o.libraryPaths ?? []).map((f) => resolve(f))];
  const lines = new Map<string, readonly string[]>();
  for (const name of o.names) {
    const text =
      o.modules?.find((each) => each.name === name)?.text ?? (await firstOf(folders, name));
    if (text !== undefined) lines.set(name, text.split(/\r?\n/).map(expandTabs));
  }
  return (span) => cut(lines.get(span.module) ?? [], span);
}

async function firstOf(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    try {
      return await readFile(join(folder, `${name}.tla`), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

function cut(lines: readonly string[], span: Span): string {
  const { line, column, endLine, endColumn } = span;
  const piece = lines.slice(line - 1, endLine);
  if (piece.length <= 1) return (piece[0] ?? '').slice(column - 1, endColumn);
  const last = piece.length - 1;
  const rows = piece.map((text, row) => {
    if (row === 0) return ' '.repeat(column - 1) + text.slice(column - 1);
    return row === last ? text.slice(0, endColumn) : text;
  });
  return `\n${rows.join('\n')}`;
}
