import type { Template } from './packaged.ts';

type Condition = { 'Fn::Equals'?: [string, string]; 'Fn::Not'?: [Condition] };

/** Whether a condition holds; all of ours compare constants. */
export function holds({ Conditions }: Template, name: string): boolean {
  return isTrue(Conditions[name] as Condition);
}

function isTrue({ 'Fn::Equals': equal, 'Fn::Not': not }: Condition): boolean {
  if (not) return !isTrue(not[0]);
  if (!equal) throw new TypeError('a condition of another kind');
  return equal[0] === equal[1];
}

/** What an `Fn::If` comes to; anything else is itself. */
export function chosen(template: Template, value: unknown): unknown {
  const { 'Fn::If': choice } = Object(value) as { 'Fn::If'?: [string, unknown, unknown] };
  return choice ? choice[holds(template, choice[0]) ? 1 : 2] : value;
}
