import { type TemplateVariable, templateVariables } from './template.ts';

/** A variable that files use, and what they say about it. */
export interface UsedVariable {
  readonly name: string;
  /** Loading fails without it. */
  readonly required: boolean;
  /** What stands for it if it is not set. */
  readonly defaultValue: string;
  /** What stands there if it is set. */
  readonly alternateValue: string;
}

/** All variables in the texts of a model in which they were not replaced, by name. */
export function variablesUsed(model: unknown): readonly UsedVariable[] {
  const used = new Map<string, UsedVariable>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      for (const variable of templateVariables(value)) {
        used.set(variable.name, withMore(used.get(variable.name), variable));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) visit(inner);
    }
  };
  visit(model);
  return [...used.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of a variable that is used in several ways, what any of them says. */
function withMore(before: UsedVariable | undefined, more: TemplateVariable): UsedVariable {
  const { name, operator = '', operand } = more;
  return {
    name,
    required: before?.required === true || operator.endsWith('?'),
    defaultValue: before?.defaultValue || (operator.endsWith('-') ? operand : ''),
    alternateValue: before?.alternateValue || (operator.endsWith('+') ? operand : ''),
  };
}
