/**
 * What `[f EXCEPT ![a].b = e]` and its `@` are: the function with what is put into it.
 */
import { childText, type XmlElement } from '../spec/xml.ts';
import type { ExpressionTypes, Scope } from './expressionType.ts';
import { join, joinAll, noType, type TlaType } from './tlaType.ts';

/** One step of a path: a field's name, a literal number, or any argument. */
interface Step {
  readonly field?: string;
  readonly index?: number;
}

function stepOf(expression: XmlElement): Step {
  const field = childText(expression, 'StringValue');
  if (expression.name === 'StringNode') return { field };
  const index = childText(expression, 'IntValue');
  return index === '' ? {} : { index: Number(index) };
}

const pathOf = (types: ExpressionTypes, sequence: XmlElement): Step[] =>
  types.syntax.operands(sequence).map(stepOf);

export function exceptType(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const [base, ...updates] = types.syntax.operands(expression);
  if (!base) return types.unknown(expression, 'EXCEPT of nothing');
  let type = types.of(base, scope);
  for (const update of updates) {
    const value = types.of(types.second(update), scope);
    type = updated(type, pathOf(types, types.first(update)), value);
  }
  return type;
}

/** The old value at the place that is updated. */
export function atType(types: ExpressionTypes, expression: XmlElement, scope: Scope): TlaType {
  const [base, path] = expression.children.filter(({ name }) => name === 'OpApplNode');
  if (!base || !path) return types.unknown(expression, '@ outside of EXCEPT');
  return pathOf(types, path).reduce(stepped, types.of(base, scope));
}

function stepped(type: TlaType, step: Step): TlaType {
  switch (type.kind) {
    case 'function':
      return type.range;
    case 'sequence':
      return type.of;
    case 'tuple':
      return step.index === undefined
        ? joinAll(type.parts)
        : (type.parts[step.index - 1] ?? noType);
    case 'record':
      return step.field === undefined
        ? joinAll(Object.values(type.fields))
        : (type.fields[step.field] ?? noType);
    case 'union':
      return joinAll(type.parts.map((each) => stepped(each, step)));
    default:
      return type.kind === 'unknown' ? type : noType;
  }
}

function updated(type: TlaType, [step, ...rest]: readonly Step[], value: TlaType): TlaType {
  if (!step) return value;
  const inner = (old: TlaType): TlaType => join(old, updated(old, rest, value));
  switch (type.kind) {
    case 'function':
      return { ...type, range: inner(type.range) };
    case 'sequence':
      return { ...type, of: inner(type.of) };
    case 'tuple':
      return {
        ...type,
        parts: type.parts.map((each, at) =>
          step.index === undefined || step.index === at + 1 ? inner(each) : each,
        ),
      };
    case 'record': {
      const fields = Object.entries(type.fields).map(([name, each]) => {
        return [
          name,
          step.field === undefined || step.field === name ? inner(each) : each,
        ] as const;
      });
      return { ...type, fields: Object.fromEntries(fields) };
    }
    case 'union':
      return joinAll(type.parts.map((each) => updated(each, [step, ...rest], value)));
    default:
      return type;
  }
}
