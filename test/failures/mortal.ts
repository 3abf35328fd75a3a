import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** One process of ours. It dies after so many steps (0: before the first), and does and answers nothing any more. */
export type Mortal = ReturnType<typeof mortal>;

const FOREVER = new Promise<never>(() => undefined);

export function mortal(diesAfter = Number.POSITIVE_INFINITY) {
  const steps: string[] = [];
  let isDead = diesAfter === 0;
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
      const isLast = steps.length === diesAfter;
      if (isLast) isDead = true;
      const working = work(...args);
      if (!isLast) return working;
      await working.catch(() => undefined);
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

type Command = { readonly constructor: { readonly name: string }; readonly input: Record<string, unknown> };

const nameOf = (command: Command): string => {
  const { TableName, RequestItems = {} } = command.input;
  const table = String(TableName ?? Object.keys(Object(RequestItems))[0]);
  return `${command.constructor.name.replace(/Command$/, 'Item')} ${table.replace(/-[0-9a-f]{12}$/, '')}`;
};
