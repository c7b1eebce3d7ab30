/**
 * The types of a spec's constants: of the values that a cfg gives them, and of the operators it
 * puts in their place.
 */
import type { Cfg, CfgConstant } from '../spec/cfg.ts';
import type { SpecSyntax } from '../spec/syntax.ts';
import { ValueTable } from '../value/table.ts';
import { emptyScope, ExpressionTypes } from './expressionType.ts';
import { generalised, type TlaType, unknownType } from './tlaType.ts';
import { valueType } from './valueType.ts';

/** The type of a constant, or of an operator that the cfg overrides; undefined for other names. */
export type Given = (name: string) => TlaType | undefined;

export function givenTypes(syntax: SpecSyntax, cfg: Cfg): Given {
  const table = new ValueTable();
  const rows = new Map(cfg.constants.map((each) => [each.name, each]));
  const known = new Map<string, TlaType>();
  const given: Given = (name) => {
    const row = rows.get(name);
    if (row === undefined) return undefined;
    const old = known.get(name);
    if (old) return old;
    known.set(name, unknownType(`the cfg gives ${name} a value that depends on itself`));
    const type = row.kind === '=' ? written(table, row) : replaced(syntax, row, given);
    known.set(name, type);
    return type;
  };
  return given;
}

function written(table: ValueTable, { name, value }: CfgConstant): TlaType {
  try {
    return valueType(table.value(table.parse(value)));
  } catch {
    return unknownType(`the cfg gives ${name} a value that cannot be read: ${value}`);
  }
}

function replaced(syntax: SpecSyntax, { name, value }: CfgConstant, given: Given): TlaType {
  const definition = syntax.named(value);
  if (!definition?.body) return unknownType(`the cfg puts ${value} in the place of ${name}`);
  return generalised(new ExpressionTypes(syntax, given).of(definition.body, emptyScope));
}
