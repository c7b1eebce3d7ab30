/**
 * Makes the text of a generated file: zod schemas and TypeScript types of a spec's constants,
 * variables and action arguments, under one cfg. One start of Java, for SANY.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SpecFiles } from '../project/specFiles.ts';
import { behaviourSpec } from '../spec/behaviourSpec.ts';
import { parseCfg, type Cfg } from '../spec/cfg.ts';
import { checkConstants, declarationsOf } from '../spec/declarations.ts';
import { contentKey, loadSyntax } from '../spec/loadSpec.ts';
import type { Definition, SpecSyntax } from '../spec/syntax.ts';
import { actionTypes, type ActionType } from './actionTypes.ts';
import { givenTypes } from './constantTypes.ts';
import { ExpressionTypes } from './expressionType.ts';
import { fileText } from './fileText.ts';
import { headerLine } from './header.ts';
import { variableTypes } from './stateTypes.ts';
import { type TlaType, unknownType, whyUnknown } from './tlaType.ts';

export interface TypedName {
  readonly name: string;
  readonly type: TlaType;
  /** Where its type comes from, or why it is not known. */
  readonly from: string;
}

export interface SpecTypes {
  readonly module: string;
  readonly constants: readonly TypedName[];
  readonly variables: readonly TypedName[];
  readonly actions: readonly ActionType[];
  /** What could not be typed: a line each. */
  readonly unknown: readonly string[];
}

export interface TypesOptions {
  /** Where the file will stand. */
  readonly out: string;
  /** What it imports the toolkit from: "bisim" unless given. */
  readonly from?: string;
  readonly jar?: string;
  readonly signal?: AbortSignal;
}

export interface TypesText {
  readonly text: string;
  readonly types: SpecTypes;
}

/** What the spec's types are, before they are text. */
export async function inferTypes(
  files: Pick<SpecFiles, 'module' | 'cfg' | 'libraryPaths'>,
  o: Pick<TypesOptions, 'jar' | 'signal'> = {},
): Promise<SpecTypes> {
  const source = {
    module: files.module,
    libraryPaths: files.libraryPaths,
    ...(o.jar !== undefined && { jar: { jar: o.jar } }),
    ...(o.signal && { signal: o.signal }),
  };
  const cfg = parseCfg(await readFile(files.cfg, 'utf8'), files.cfg);
  const syntax = await loadSyntax(source, await contentKey(source));
  const declarations = declarationsOf(syntax);
  checkConstants(declarations, cfg);
  const given = givenTypes(syntax, cfg);
  const types = new ExpressionTypes(syntax, given);
  const { init, next } = behaviourOf(syntax, cfg);
  const { invariants } = cfg;
  const variables = variableTypes(types, declarations.variables, { init, next, invariants });
  const constants = declarations.constants.map((name) => {
    const type = given(name) ?? unknownType('the cfg gives it no value');
    return { name, type, from: basename(files.cfg) };
  });
  const actions = next ? actionTypes(types, next) : [];
  const args = actions.flatMap(({ name, args: each }) =>
    Object.entries(each).map(([arg, type]) => ({ name: `${name}'s ${arg}`, type })),
  );
  const unknown = [...constants, ...variables, ...args].flatMap(({ name, type }) => {
    const why = whyUnknown(type);
    return why === undefined ? [] : [`${name}: ${why}`];
  });
  return { module: declarations.module, constants, variables, actions, unknown };
}

function behaviourOf(
  syntax: SpecSyntax,
  cfg: Cfg,
): { init: Definition | undefined; next: Definition | undefined } {
  const { init, next } = behaviourSpec(syntax, () => '', cfg);
  return { init: syntax.named(init), next };
}

/** The whole file. */
export async function typesOf(files: SpecFiles, o: TypesOptions): Promise<TypesText> {
  const types = await inferTypes(files, o);
  const { from = 'bisim' } = o;
  const text = fileText(types, from);
  return { text: `${headerLine(o.out, files, { from, text })}\n${text}`, types };
}
