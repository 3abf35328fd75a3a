import { register } from 'tsx/esm/api';

/** The handlers that serverless-offline runs in place of the functions, which are emulated in threads (`lambda/`). */
export const handlers = {};

/**
 * The plugin of `npm start`: starts the embedded DynamoDB, the simulated WeChat and the emulated Lambda before
 * serverless-offline, and stops them after it. JavaScript, since the framework loads it; the rest is in `service.ts`.
 */
export default class LocalPlugin {
  constructor(serverless) {
    let service;
    let restoreOutput;
    this.hooks = {
      'before:offline:start:init': async () => {
        process.stdout.write('Starting …\n');
        process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
        register();
        const { startService } = await import('./service.ts');
        service = await startService(serverless.service, import.meta.url).catch(giveUp);
        Object.assign(handlers, service.handlers);
        restoreOutput = muteOutput();
      },
      'before:offline:start:ready': () => {
        service.connect(apiGatewayOf(serverless));
        restoreOutput();
        service.greet();
      },
      'after:offline:functionsUpdated:cleanup': () => service.reload(),
      'before:offline:start:end': () => service.stop(),
    };
  }
}

/** The server of serverless-offline with the routes. */
const apiGatewayOf = ({ pluginManager }) =>
  pluginManager
    .getPlugins()
    .find((plugin) => plugin.constructor.name === 'ServerlessOffline')
    .internals()
    .getApiGatewayServer();

/** Exits, since the framework would log the error and wait for ever. */
function giveUp({ message }) {
  process.stderr.write(`Not started: ${message}\n`);
  process.exit(1);
}

/**
 * Holds back the output of serverless-offline while it starts, which lists every route twice. Returns a function that ends
 * this; if the process exits before, the output is printed, since it has the reason.
 */
function muteOutput() {
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  const held = [];
  for (const { stream } of streams) {
    stream.write = (text, ...more) => {
      held.push({ stream, text });
      more.find((argument) => typeof argument === 'function')?.();
      return true;
    };
  }
  const restore = () => {
    process.off('exit', printHeld);
    for (const { stream, write } of streams) stream.write = write;
  };
  const printHeld = () => {
    restore();
    for (const { stream, text } of held) stream.write(text);
  };
  process.once('exit', printHeld);
  return restore;
}
