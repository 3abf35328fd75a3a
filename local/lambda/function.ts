import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

export type FunctionOptions = {
  readonly name: string;
  /** The bundle, and the name of its export. */
  readonly file: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
};

/** A failed invocation, as Lambda reports it. */
class FunctionError extends Error {
  override readonly name: string;
  constructor(name: string, message: string, stack?: string) {
    super(message);
    this.name = name;
    if (stack !== undefined) this.stack = stack;
  }
}

export type EmulatedFunction = {
  /** Runs the handler. @throws FunctionError if the handler threw, timed out or ended its process */
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Starts the thread ahead of the first event. */
  readonly warm: () => Promise<void>;
  /** Loads the current bundle for further events. */
  readonly reload: () => void;
  readonly stop: () => Promise<void>;
};

type Waiting = { readonly done: (result: unknown) => void; readonly failed: (error: FunctionError) => void };
type Message = {
  loaded?: true;
  id?: string;
  result?: unknown;
  error?: { name: string; message: string; stack: string };
};

/**
 * A function in its own thread. Unlike on AWS all its events share the thread, concurrently: a hundred at once start no
 * further process. A thread in which an event timed out gets no further events, and ends after its last one.
 */
export function emulatedFunction(options: FunctionOptions): EmulatedFunction {
  let current: Thread | undefined;
  const thread = () => {
    if (current === undefined || current.isEnded()) current = startThread(options);
    return current;
  };
  const reload = () => {
    current?.retire();
    current = undefined;
  };
  return {
    async invoke(event) {
      const running = thread();
      try {
        return await running.run(event);
      } catch (error) {
        if (running === current && error instanceof FunctionError && error.name === TIMED_OUT) reload();
        throw error;
      }
    },
    warm: () => thread().loaded,
    reload,
    async stop() {
      await current?.end();
    },
  };
}

const TIMED_OUT = 'Sandbox.Timedout';

/**
 * How long a function may load before its time begins to count.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const LOADING_MS = 10_000;

type Thread = ReturnType<typeof startThread>;

function startThread({ name, file, handler, timeoutSeconds, memorySize, environment }: FunctionOptions) {
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { file, handler },
    env: { ...environment },
  });
  const waiting = new Map<string, Waiting>();
  let isRetired = false;
  let isEnded = false;
  let reason = 'the process ended';
  const loaded = new Promise<void>((done) => {
    worker.once('message', () => done()).once('exit', () => done());
  });

  function endIfIdle() {
    if (isRetired && waiting.size === 0) void worker.terminate();
  }

  worker.on('message', ({ id = '', result, error }: Message) => {
    const { done, failed } = waiting.get(id) ?? {};
    if (error === undefined) done?.(result);
    else failed?.(new FunctionError(error.name, error.message, error.stack));
  });
  worker.on('error', (error) => {
    reason = error.message;
  });
  worker.on('exit', () => {
    isEnded = true;
    for (const { failed } of waiting.values()) failed(new FunctionError('Runtime.ExitError', reason));
  });

  return {
    loaded,
    isEnded: () => isEnded,
    async run(event: unknown): Promise<unknown> {
      const id = randomUUID();
      let timer: NodeJS.Timeout | undefined;
      const context = { awsRequestId: id, functionName: name, functionVersion: '$LATEST', memoryLimitInMB: memorySize };
      try {
        return await new Promise((done, failed) => {
          waiting.set(id, { done, failed });
          void Promise.race([loaded, sleep(LOADING_MS, undefined, { ref: false })]).then(() => {
            if (isEnded) return;
            timer = setTimeout(() => failed(timedOut(timeoutSeconds)), timeoutSeconds * 1000);
            worker.postMessage({ id, event, context, until: Date.now() + timeoutSeconds * 1000 });
          });
        });
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
        endIfIdle();
      }
    },
    retire() {
      isRetired = true;
      endIfIdle();
    },
    end: () => worker.terminate(),
  };
}

const timedOut = (seconds: number): FunctionError =>
  new FunctionError(TIMED_OUT, `Task timed out after ${seconds.toFixed(2)} seconds`);
