/**
 * specs/README.md, made from the specs, their cfgs and models.json: the table of modules and
 * the picture of what refines what. `npx vitest run test/tidy.test.ts -u` writes it again.
 */
import { basename, dirname, join } from 'node:path/posix';
import type { FileSet } from './fileSet.ts';
import { lowerFirst } from './oneHop.ts';
import { moduleOf } from './specs.ts';

interface Row {
  readonly model: string;
  readonly module?: string;
  readonly cfg: string;
  readonly mode: string;
  readonly tier?: string;
  readonly expect?: { readonly distinct?: number };
  readonly seconds?: number;
}

interface SpecRow {
  readonly path: string;
  readonly name: string;
  readonly refines: readonly string[];
  readonly models: readonly string[];
  readonly properties: readonly string[];
  readonly code: string | undefined;
}

const introduction = `# The specifications

One folder a protocol. A module \`X\` is bounded by the models \`MCX\` beside it; \`models.json\` says what
TLC must find for each, \`mutants.json\` which seeded bugs each must catch. A module with code is held to
it action by action: \`Accept\` in \`replication/Replication.tla\` is \`accept\` in \`src/protocol/\`.

This page is written by its test: \`npx vitest run test/tidy.test.ts -u\`.
`;

/** The whole page, as it must stand in the repository. */
export function specsPage(files: FileSet): string {
  const rows = [...files.keys()]
    .filter((path) => /^specs\/.+\.tla$/.test(path) && !basename(path).startsWith('MC'))
    .map((path) => specRow(files, path));
  const table = [
    '| module | refines | models (states, seconds) | properties | code |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(tableLine),
  ].join('\n');
  return `${introduction}\n${table}\n\n## What refines what\n\n${picture(rows)}`;
}

function tableLine({ path, name, refines, models, properties, code }: SpecRow): string {
  const dash = (text: string): string => (text === '' ? '–' : text);
  const cells = [
    `[${name}](${path.replace(/^specs\//, '')})`,
    dash(refines.join(', ')),
    dash(models.join(', ')),
    dash(properties.join(', ')),
    code === undefined ? '–' : `[${code}](../${code})`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function specRow(files: FileSet, path: string): SpecRow {
  const name = basename(path, '.tla');
  const text = files.get(path) ?? '';
  const refines = [...text.matchAll(/^(\w+)Bar == *INSTANCE (\w+)/gm)].map(([, , to]) => to ?? '');
  const models: string[] = [];
  const properties = new Set<string>();
  for (const row of roomModels(files, dirname(path))) {
    const module = files.get(moduleOf(files, dirname(path), row)) ?? '';
    if (!new RegExp(`EXTENDS[^\\n]*\\b${name}\\b`).test(module)) continue;
    models.push(modelCell(row));
    for (const property of checkedBy(files.get(join(dirname(path), row.cfg)) ?? '')) {
      properties.add(property);
    }
  }
  const stem = `src/protocol/${lowerFirst(name)}`;
  const code = files.has(`${stem}.ts`)
    ? `${stem}.ts`
    : [...files.keys()].some((file) => file.startsWith(`${stem}/`))
      ? `${stem}/`
      : undefined;
  return { path, name, refines, models, properties: [...properties], code };
}

function roomModels(files: FileSet, room: string): Row[] {
  const text = files.get(join(room, 'models.json'));
  return text === undefined ? [] : (JSON.parse(text) as { models: Row[] }).models;
}

function modelCell({ cfg, mode, tier, expect, seconds }: Row): string {
  const states = expect?.distinct;
  const facts = [
    states === undefined ? mode : `${states.toLocaleString('en')}`,
    ...(seconds === undefined ? [] : [`${seconds} s`]),
    ...(mode === 'check' || states === undefined ? [] : [mode]),
    ...(tier === 'long' ? ['long'] : []),
  ];
  return `${basename(cfg, '.cfg')} (${facts.join(', ')})`;
}

/** Names under INVARIANT(S) and PROPERTY/PROPERTIES. */
function checkedBy(cfg: string): string[] {
  const names: string[] = [];
  let section = '';
  for (const word of cfg.replace(/\\\*[^\n]*/g, '').split(/\s+/)) {
    if (/^[A-Z_]+$/.test(word) && word !== 'TRUE' && word !== 'FALSE') section = word;
    else if (/^(INVARIANT|PROPERT)/.test(section) && word !== '') names.push(word);
  }
  return names;
}

function picture(rows: readonly SpecRow[]): string {
  const arrows = rows.flatMap(({ name, refines }) => refines.map((to) => `${to} <= ${name}`));
  const shown = arrows.length === 0 ? ['(nothing yet)'] : arrows;
  return ['```', ...shown, '```', ''].join('\n');
}
