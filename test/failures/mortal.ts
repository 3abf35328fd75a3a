import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What becomes of a process at one of its steps; `before` and `after` say whether the step was done all the same. */
export type Fate = 'killed' | 'fails before' | 'fails after';

/**
 * One process of ours. At the step of this number it is killed, having done it (0: before the first), and does and answers
 * nothing any more; or that step fails, and it lives on.
 */
export type Mortal = ReturnType<typeof mortal>;

const FOREVER = new Promise<never>(() => undefined);

export function mortal(number = Number.POSITIVE_INFINITY, fate: Fate = 'killed') {
  const steps: string[] = [];
  let isDead = number === 0;
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  if (isDead) die();

  /** Makes something the process does outside of itself a step of its life. */
  const step =
    <A extends unknown[], T>(name: string | ((...args: A) => string), work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (isDead) return FOREVER;
      steps.push(typeof name === 'string' ? name : name(...args));
      if (steps.length !== number) return work(...args);
      if (fate === 'fails before') throw new Failure();
      isDead = fate === 'killed';
      await work(...args).catch(() => undefined);
      if (!isDead) throw new Failure();
      die();
      return FOREVER;
    };

  return {
    steps: steps as readonly string[],
    step,
    /** When its last step has been done. */
    died,
    /** A database whose every call is a step: `PutItem interactions`. */
    using: (db: DynamoDBDocumentClient): DynamoDBDocumentClient => {
      const send = step(nameOf, db.send.bind(db) as (command: Command) => Promise<unknown>);
      return new Proxy(db, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
    },
  };
}

class Failure extends Error {}

type Command = { readonly constructor: { readonly name: string }; readonly input: Record<string, unknown> };

const nameOf = (command: Command): string => {
  const { TableName, RequestItems = {} } = command.input;
  const table = String(TableName ?? Object.keys(Object(RequestItems))[0]);
  return `${command.constructor.name.replace(/Command$/, 'Item')} ${table.replace(/-[0-9a-f]{12}$/, '')}`;
};
