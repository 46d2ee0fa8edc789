import { qualifiedNameProblem, labelValueProblem } from '../model/name-rules.ts';
import { badRequest } from './faults.ts';

/** Decides by labels. */
export type LabelPredicate = (labels: Readonly<Record<string, string>> | undefined) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: 'exists' | 'absent' | 'in' | 'notin' | 'gt' | 'lt';
  readonly values: readonly string[];
}

const BINARY = 'in, notin, =, ==, !=, gt, lt';

/**
 * Parses a label selector (`a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<1`; commas mean and). `undefined` when it selects
 * everything. Throws `bad-request` in kube-apiserver's words.
 */
export function parseLabelSelector(text: string | undefined): LabelPredicate | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const requirements = parse(tokens(text));
  return (labels) => requirements.every((requirement) => holds(requirement, labels));
}

function holds({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>> | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
      return isInteger(value) && Number(value) > Number(values[0]);
    case 'lt':
      return isInteger(value) && Number(value) < Number(values[0]);
  }
}

function isInteger(value: string | undefined): boolean {
  return value !== undefined && /^[-+]?[0-9]+$/.test(value);
}

/** Words and the special tokens `( ) , ! = == != > <`; the last token is ''. */
function tokens(text: string): string[] {
  return [...(text.match(/==|!=|[(),!=><]|[^\s(),!=><]+/g) ?? []), ''];
}

function isWord(token: string): boolean {
  return token !== '' && !/^[(),!=><]/.test(token);
}

function parse(list: readonly string[]): Requirement[] {
  const requirements: Requirement[] = [];
  let at = 0;
  const peek = () => list[at] ?? '';
  const next = () => list[at++] ?? '';

  for (;;) {
    const token = peek();
    if (token === '') return requirements;
    if (!isWord(token) && token !== '!') throw badRequest(`found '${token}', expected: !, identifier, or 'end of string'`);
    requirements.push(requirement());
    const after = next();
    if (after === '') return requirements;
    if (after !== ',') throw badRequest(`found '${after}', expected: ',' or 'end of string'`);
    if (!isWord(peek()) && peek() !== '!') throw badRequest(`found '${peek()}', expected: identifier after ','`);
  }

  function requirement(): Requirement {
    const absent = peek() === '!';
    if (absent) next();
    const key = next();
    if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
    const problem = qualifiedNameProblem(key);
    if (problem !== undefined) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problem}`);
    if (absent) return { key, operator: 'absent', values: [] };
    if (peek() === '' || peek() === ',') return { key, operator: 'exists', values: [] };
    const operator = next();
    switch (operator) {
      case 'in':
      case 'notin':
        return checked({ key, operator, values: set() });
      case '=':
      case '==':
        return checked({ key, operator: 'in', values: [exact()] });
      case '!=':
        return checked({ key, operator: 'notin', values: [exact()] });
      case '>':
      case '<': {
        const value = exact();
        if (!isInteger(value))
          throw unparsable(
            `values[0][${key}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
          );
        return { key, operator: operator === '>' ? 'gt' : 'lt', values: [value] };
      }
      default:
        throw unparsable(`found '${operator}', expected: ${BINARY}`);
    }
  }

  function exact(): string {
    if (peek() === '' || peek() === ',') return '';
    const value = next();
    if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`);
    return value;
  }

  function set(): string[] {
    const open = next();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const values = [''];
    for (;;) {
      const token = next();
      if (token === ')') return values;
      if (token === ',') values.push('');
      else if (isWord(token) && values.at(-1) === '') values[values.length - 1] = token;
      else if (isWord(token)) throw unparsable(`found '${token}', expected: ',' or ')'`);
      else throw unparsable(`found '${token}', expected: ',', or identifier`);
    }
  }
}

function checked(requirement: Requirement): Requirement {
  for (const [index, value] of requirement.values.entries()) {
    const problem = labelValueProblem(value);
    if (problem !== undefined) {
      throw unparsable(`values[${index}][${requirement.key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`);
    }
  }
  return requirement;
}

function unparsable(why: string) {
  return badRequest(`unable to parse requirement: ${why}`);
}
