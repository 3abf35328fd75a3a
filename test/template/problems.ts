import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';

/** What the framework writes for nothing: a dependency that a reference implies. */
const NEEDLESS = ['W3005'];

/** An option is a condition on a constant, and two may be equal; a number from the command line is text. */
const OPTIONS = ['W8003', 'W9053', 'W9003'];

let engine: InstanceType<typeof CelEngine> | undefined;

/** Reads the schemas, which takes seconds: best while others work. */
export function readyValidator(): InstanceType<typeof CelEngine> {
  engine ??= new CelEngine();
  return engine;
}

/**
 * What AWS's own validator has against a template: its resource schemas (part of the package; nothing is fetched) and
 * its rules about references, from warnings upwards.
 */
export function problemsIn(file: string): string[] {
  const { status, diagnostics } = readyValidator().validateStandard(new TemplateFile(file), {
    severityLevel: 'WARN',
    exclude: { ids: [...NEEDLESS, ...OPTIONS] },
  });
  const found = diagnostics.map(({ ruleId, message, entity }) => `${ruleId} ${entity?.logicalId}: ${message}`);
  return status === 'OK' ? found : [status, ...found];
}
