// TLC's configuration files, read and written. What must hold: formatCfg(parseCfg(text)) says to TLC what text says.

import { SpecError } from './specError.ts';

export interface CfgConstant {
  readonly name: string;
  /** `=` gives a value, `<-` an operator of the spec (perhaps only in one module). */
  readonly kind: '=' | '<-';
  /** The value as written, or the operator's name. */
  readonly value: string;
  /** `Name <- [Module] Operator` */
  readonly module?: string;
}

export interface Cfg {
  readonly specification?: string;
  readonly init?: string;
  readonly next?: string;
  readonly constants: readonly CfgConstant[];
  readonly invariants: readonly string[];
  readonly properties: readonly string[];
  readonly constraints: readonly string[];
  readonly actionConstraints: readonly string[];
  readonly symmetry?: string;
  readonly view?: string;
  readonly alias?: string;
  readonly postcondition?: string;
  readonly checkDeadlock?: boolean;
}

const keywords = new Map<string, string>([
  ['SPECIFICATION', 'specification'],
  ['INIT', 'init'],
  ['NEXT', 'next'],
  ['CONSTANT', 'constants'],
  ['CONSTANTS', 'constants'],
  ['INVARIANT', 'invariants'],
  ['INVARIANTS', 'invariants'],
  ['PROPERTY', 'properties'],
  ['PROPERTIES', 'properties'],
  ['CONSTRAINT', 'constraints'],
  ['CONSTRAINTS', 'constraints'],
  ['ACTION_CONSTRAINT', 'actionConstraints'],
  ['ACTION_CONSTRAINTS', 'actionConstraints'],
  ['SYMMETRY', 'symmetry'],
  ['VIEW', 'view'],
  ['ALIAS', 'alias'],
  ['POSTCONDITION', 'postcondition'],
  ['CHECK_DEADLOCK', 'checkDeadlock'],
]);

interface Token {
  readonly text: string;
  readonly line: number;
}

const tokenPattern =
  /\s+|\\\*[^\n]*|\(\*[\s\S]*?\*\)|"(?:[^"\\\n]|\\.)*"|<<|>>|<-|-?\d+|[A-Za-z0-9_!]+|[{}[\]=,().]|:>|@@|\|->|./gy;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  for (const [piece] of text.matchAll(tokenPattern)) {
    const isBlank = /^\s/.test(piece) || piece.startsWith('\\*') || piece.startsWith('(*');
    if (!isBlank) found.push({ text: piece, line });
    line += piece.split('\n').length - 1;
  }
  return found;
}

function bad(what: string, line: number, file: string): SpecError {
  const next = 'Mend the configuration file; TLC reads the same grammar.';
  return new SpecError('config', what, next, { file, line, column: 1 });
}

class CfgParser {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  #at = 0;
  readonly #single = new Map<string, string>();
  readonly #lists = new Map<string, string[]>();
  readonly #constants: CfgConstant[] = [];

  constructor(text: string, file: string) {
    this.#tokens = tokens(text);
    this.#file = file;
  }

  parse(): Cfg {
    while (this.#at < this.#tokens.length) {
      const { text, line } = this.#take();
      const section = keywords.get(text);
      if (section === undefined)
        throw bad(`"${text}" stands where a keyword should`, line, this.#file);
      if (section === 'constants') this.#takeConstants();
      else if (isList(section)) this.#takeList(section);
      else this.#takeSingle(section, line);
    }
    return this.#cfg();
  }

  #take(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw bad('the file ends too early', this.#tokens.at(-1)?.line ?? 1, this.#file);
    this.#at += 1;
    return token;
  }

  #peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]?.text;
  }

  #takeList(section: string): void {
    const list = this.#lists.get(section) ?? [];
    this.#lists.set(section, list);
    for (;;) {
      const next = this.#peek();
      if (next === undefined || keywords.has(next)) return;
      const { text, line } = this.#take();
      if (text === ',') continue;
      if (!/^[A-Za-z0-9_!]+$/.test(text)) throw bad(`"${text}" is no name`, line, this.#file);
      list.push(text);
    }
  }

  #takeSingle(section: string, line: number): void {
    const { text } = this.#take();
    if (this.#single.has(section)) {
      throw bad(`${section.toUpperCase()} is given twice`, line, this.#file);
    }
    if (section === 'checkDeadlock' && text !== 'TRUE' && text !== 'FALSE') {
      throw bad(`CHECK_DEADLOCK is TRUE or FALSE, not "${text}"`, line, this.#file);
    }
    this.#single.set(section, text);
  }

  #takeConstants(): void {
    for (;;) {
      const next = this.#peek();
      if (next === undefined || keywords.has(next)) return;
      const { text: name, line } = this.#take();
      if (name === ',') continue;
      const { text: kind } = this.#take();
      if (kind === '=') this.#constants.push({ name, kind, value: this.#value() });
      else if (kind === '<-') this.#constants.push(this.#replacement(name));
      else throw bad(`"${name}" is followed by "${kind}", not by = or <-`, line, this.#file);
    }
  }

  #replacement(name: string): CfgConstant {
    if (this.#peek() !== '[') return { name, kind: '<-', value: this.#take().text };
    this.#take();
    const module = this.#take().text;
    this.#take();
    return { name, kind: '<-', value: this.#take().text, module };
  }

  /** One value: an atom, or everything up to the closing bracket. */
  #value(): string {
    const pieces: string[] = [];
    let depth = 0;
    do {
      const { text } = this.#take();
      if (['{', '[', '<<', '('].includes(text)) depth += 1;
      if (['}', ']', '>>', ')'].includes(text)) depth -= 1;
      pieces.push(text);
    } while (depth > 0);
    return pieces.join(' ');
  }

  #cfg(): Cfg {
    const one = (section: string): Record<string, string> => {
      const value = this.#single.get(section);
      return value === undefined ? {} : { [section]: value };
    };
    const deadlock = this.#single.get('checkDeadlock');
    const list = (section: string): string[] => this.#lists.get(section) ?? [];
    return {
      ...Object.assign({}, ...singles.map(one)),
      constants: this.#constants,
      invariants: list('invariants'),
      properties: list('properties'),
      constraints: list('constraints'),
      actionConstraints: list('actionConstraints'),
      ...(deadlock === undefined ? {} : { checkDeadlock: deadlock === 'TRUE' }),
    };
  }
}

const singles = ['specification', 'init', 'next', 'symmetry', 'view', 'alias', 'postcondition'];
const isList = (section: string): boolean =>
  !singles.includes(section) && section !== 'checkDeadlock';

export function parseCfg(text: string, file = 'the cfg'): Cfg {
  return new CfgParser(text, file).parse();
}

export function formatCfg(cfg: Cfg): string {
  const lines: string[] = [];
  const one = (keyword: string, value: string | undefined): void => {
    if (value !== undefined) lines.push(`${keyword} ${value}`);
  };
  const many = (keyword: string, values: readonly string[]): void => {
    if (values.length > 0) lines.push(keyword, ...values.map((value) => `  ${value}`));
  };
  one('SPECIFICATION', cfg.specification);
  one('INIT', cfg.init);
  one('NEXT', cfg.next);
  const constants = cfg.constants.map(({ name, kind, value, module }) =>
    module === undefined ? `${name} ${kind} ${value}` : `${name} ${kind} [${module}] ${value}`,
  );
  many('CONSTANTS', constants);
  many('INVARIANTS', cfg.invariants);
  many('PROPERTIES', cfg.properties);
  many('CONSTRAINTS', cfg.constraints);
  many('ACTION_CONSTRAINTS', cfg.actionConstraints);
  one('SYMMETRY', cfg.symmetry);
  one('VIEW', cfg.view);
  one('ALIAS', cfg.alias);
  one('POSTCONDITION', cfg.postcondition);
  if (cfg.checkDeadlock !== undefined) one('CHECK_DEADLOCK', cfg.checkDeadlock ? 'TRUE' : 'FALSE');
  return `${lines.join('\n')}\n`;
}
