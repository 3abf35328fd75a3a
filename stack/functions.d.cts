/** A function as the framework takes it. */
type FunctionDefinition = {
  handler: string;
  events: { httpApi?: string; schedule?: string }[];
  environment: Record<string, string>;
  iamRoleStatements: { Action: string | string[]; Resource: unknown }[];
};

declare const functions: () => Record<string, FunctionDefinition>;
export = functions;
