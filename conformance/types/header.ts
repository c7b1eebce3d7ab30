/**
 * The first line of a generated file: what it was made from, and hashes by which anybody can tell
 * whether it still is. What must hold: neither Java nor TLC is needed to tell.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import type { SpecFiles } from '../project/specFiles.ts';
import { hashFiles, hashParts } from '../sources/contentHash.ts';
import { specClosure } from '../sources/specClosure.ts';

/** Changes when the same spec would make another file. */
const generator = 'types-1';
const mark = '// bisim types ';

const headerSchema = z.object({
  /** Relative to the generated file. */
  spec: z.string(),
  cfg: z.string(),
  libraries: z.array(z.string()),
  /** What the file imports the toolkit from. */
  from: z.string(),
  /** Of the spec, all it extends, the cfg and the generator. */
  made: z.string(),
  /** Of the text below, its layout aside. */
  text: z.string(),
});

export type Header = z.infer<typeof headerSchema>;

/** Of all that decides what is generated. */
export function madeFrom(
  o: Pick<SpecFiles, 'module' | 'cfg' | 'libraryPaths'> & { from: string },
): string {
  const { files } = specClosure(o.module, o.libraryPaths);
  const named = files.map((path) => hashParts([basename(path), hashFiles(dirname(path), [path])]));
  return hashParts([generator, o.from, ...named.sort(), readFileSync(o.cfg)]);
}

/** A formatter may lay the file out anew; anything else is an edit. */
function textHash(text: string): string {
  return hashParts([text.replace(/[\s,;|()"']/g, '')]);
}

export function headerLine(
  out: string,
  files: Pick<SpecFiles, 'module' | 'cfg' | 'libraryPaths'>,
  { from, text }: { readonly from: string; readonly text: string },
): string {
  const near = (path: string): string => relative(dirname(out), path).split(sep).join('/');
  const header: Header = {
    spec: near(files.module),
    cfg: near(files.cfg),
    libraries: files.libraryPaths.map(near),
    from,
    made: madeFrom({ ...files, from }),
    text: textHash(text),
  };
  return `${mark}${JSON.stringify(header)}`;
}

/** The header of a generated file; undefined where it is none, an error's words where it is broken. */
export function readHeader(text: string): Header | string | undefined {
  if (!text.startsWith(mark)) return undefined;
  const end = text.indexOf('\n');
  try {
    return headerSchema.parse(JSON.parse(text.slice(mark.length, end < 0 ? undefined : end)));
  } catch {
    return 'its first line cannot be read';
  }
}

/** Why the file no longer is what its spec makes; undefined where it is. */
export function staleness(path: string, text: string): string | undefined {
  const header = readHeader(text);
  if (header === undefined) return 'it was not made by bisim types';
  if (typeof header === 'string') return header;
  const folder = dirname(path);
  const files = {
    module: resolve(folder, header.spec),
    cfg: resolve(folder, header.cfg),
    libraryPaths: header.libraries.map((each) => resolve(folder, each)),
  };
  const body = text.slice(text.indexOf('\n') + 1);
  if (textHash(body) !== header.text) return 'it was edited by hand';
  try {
    const isSame = madeFrom({ ...files, from: header.from }) === header.made;
    return isSame ? undefined : `${header.spec} or ${header.cfg} changed since`;
  } catch {
    return `${header.spec} or ${header.cfg} is gone`;
  }
}
