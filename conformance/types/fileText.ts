/**
 * The generated file's text, below its first line. What must hold: it compiles under --strict, and
 * the compiler itself holds the schemas to the types.
 */
import { laidOut, list, type Doc } from './layout.ts';
import { key, objectSchema, quoted, schemaDoc, typeDoc } from './typeText.ts';
import { type TlaType, whyUnknown } from './tlaType.ts';
import type { SpecTypes } from './typesOf.ts';

interface Named {
  readonly name: string;
  readonly type: TlaType;
}

export function fileText(types: SpecTypes, from: string): string {
  const { module } = types;
  const body = [
    '/** The variables of a state, as bindings are given it and give it back. */',
    typeText('State', types.variables),
    '/** The constants, as a cfg gives them. */',
    typeText('Constants', types.constants),
    '/** By action: its arguments. */',
    argumentsText(types),
    'export type Action = keyof Arguments;\n',
    `export const actions = ${arrayText(types.actions.map(({ name }) => name))} as const satisfies readonly Action[];\n`,
    schemasText('variables', 'State', types.variables),
    'export const state: z.ZodType<State> = z.strictObject(variables);\n',
    schemasText('constants', 'Constants', types.constants),
    argumentSchemas(types),
    boundText(module),
  ].join('\n');
  return `${head(types)}${imports(body, from)}\n${anyText(body)}${body}`;
}

function head({ module, unknown }: SpecTypes): string {
  const lines = [`// Made by bisim types from ${module}; do not edit.`];
  if (unknown.length > 0) {
    lines.push('// Any TLA+ value, because the spec does not say more:');
    for (const each of unknown) lines.push(`// - ${each}`);
  }
  return `${lines.join('\n')}\n`;
}

function imports(body: string, from: string): string {
  const values = ['z'];
  if (/\bisModelValue\b/.test(body)) values.unshift('isModelValue');
  const types = ['Bound as ActionsOf'];
  if (/\bModelValue\b/.test(body)) types.push('ModelValue');
  types.push('Schemas');
  if (/\b(TlaValue|anyValue)\b/.test(body)) types.push('TlaValue');
  types.push('TypedBinding', 'TypedRunningBinding');
  const source = quoted(from);
  const list = (names: readonly string[]): string =>
    laidOut(listOf(names), 0, 'import type '.length, source.length + 7);
  return `import ${list(values)} from ${source};\nimport type ${list(types)} from ${source};\n`;
}

const listOf = (names: readonly string[]): Doc => list('{', names, '}', { spaced: true });

function anyText(body: string): string {
  if (!/\banyValue\b/.test(body)) return '';
  const test = '(value) => value !== undefined && value !== null';
  return `const anyValue = z.custom<TlaValue>(${test});\n\n`;
}

const rows = (all: readonly Named[]): string =>
  all
    .map(({ name, type }) => {
      const lead = `  readonly ${key(name)}: `;
      return `${comment(type)}${lead.trimEnd()}${padded(laidOut(typeDoc(type), 2, lead.length))};\n`;
    })
    .join('');

/** A union that is broken over lines begins on the next one. */
const padded = (text: string): string => (text.startsWith('\n') ? text : ` ${text}`);

function comment(type: TlaType): string {
  const why = whyUnknown(type);
  return why === undefined ? '' : `  // ${why.replace(/\s+/g, ' ')}\n`;
}

function typeText(name: string, all: readonly Named[]): string {
  if (all.length === 0) return `export type ${name} = Readonly<Record<never, never>>;\n`;
  return `export type ${name} = {\n${rows(all)}};\n`;
}

const namedOf = (args: Readonly<Record<string, TlaType>>): Named[] =>
  Object.entries(args).map(([name, type]) => ({ name, type }));

function argumentsText({ actions }: SpecTypes): string {
  const all = actions.map(({ name, args }) => {
    const fields = namedOf(args).map((each): Doc => [
      'readonly ',
      key(each.name),
      ': ',
      typeDoc(each.type),
    ]);
    const none = fields.length === 0;
    const doc = none
      ? 'Readonly<Record<never, never>>'
      : list('{', fields, '}', { spaced: true, separator: ';' });
    const lead = `  readonly ${key(name)}: `;
    return `${lead}${laidOut(doc, 2, lead.length)};\n`;
  });
  return `export type Arguments = {\n${all.join('')}};\n`;
}

function schemasText(name: string, type: string, all: readonly Named[]): string {
  const lines = all.map((each) => {
    const lead = `  ${key(each.name)}: `;
    return `${lead}${laidOut(schemaDoc(each.type), 2, lead.length)},\n`;
  });
  const open = lines.length === 0 ? '{}' : `{\n${lines.join('')}}`;
  return `export const ${name} = ${open} satisfies Schemas<${type}>;\n`;
}

function argumentSchemas({ actions }: SpecTypes): string {
  const lines = actions.map(({ name, args }) => {
    const lead = `  ${key(name)}: `;
    return `${lead}${laidOut(objectSchema(args, false), 2, lead.length)},\n`;
  });
  return `export const argumentsOf = {\n${lines.join('')}} satisfies Schemas<Arguments>;\n`;
}

function arrayText(names: readonly string[]): string {
  const lead = 'export const actions = '.length;
  return laidOut(
    list('[', names.map(quoted), ']'),
    0,
    lead,
    ' as const satisfies readonly Action[];'.length,
  );
}

function boundText(module: string): string {
  const name = module.replace(/^MC/, '');
  return `export interface Spec {
  readonly state: State;
  readonly constants: Constants;
  readonly arguments: Arguments;
}

/** For \`defineBinding<Code, ${name}Binding<Code>>\`: an action that is missing does not compile. */
export type ${name}Binding<Code> = TypedBinding<Code, Spec>;
export type Running${name}Binding<Subject> = TypedRunningBinding<Subject, Spec>;
export type Bound<Code> = ActionsOf<Code, Spec>;
`;
}
