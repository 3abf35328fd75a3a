import { register } from 'tsx/esm/api';

/** What serverless-offline runs in place of the functions: they are emulated in threads of their own (`lambda/`). */
export const handlers = {};

/**
 * What `npm start` adds to serverless-offline: the embedded DynamoDB, the simulated WeChat and what runs the functions,
 * started before it and stopped after it. The rest is `service.ts`; this file is the door from JavaScript to TypeScript.
 */
export default class LocalPlugin {
  constructor(serverless) {
    let service;
    let speakAgain;
    this.hooks = {
      'before:offline:start:init': async () => {
        process.stdout.write('Starting …\n');
        process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
        register();
        const { startService } = await import('./service.ts');
        service = await startService(serverless.service, import.meta.url).catch(giveUp);
        Object.assign(handlers, service.handlers);
        speakAgain = hush();
      },
      'before:offline:start:ready': () => {
        service.connect(apiGatewayOf(serverless));
        speakAgain();
        service.greet();
      },
      'after:offline:functionsUpdated:cleanup': () => service.reload(),
      'before:offline:start:end': () => service.stop(),
    };
  }
}

/** The server of serverless-offline that has the routes. */
const apiGatewayOf = ({ pluginManager }) =>
  pluginManager
    .getPlugins()
    .find((plugin) => plugin.constructor.name === 'ServerlessOffline')
    .internals()
    .getApiGatewayServer();

/** The framework would say so and wait for ever. */
function giveUp({ message }) {
  process.stderr.write(`Not started: ${message}\n`);
  process.exit(1);
}

/**
 * Keeps to itself what serverless-offline says while it starts: every route twice. Answers the way to end that; if the
 * process ends before, it is all said, since it tells why.
 */
function hush() {
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  const kept = [];
  for (const { stream } of streams) {
    stream.write = (text, ...more) => {
      kept.push({ stream, text });
      more.find((argument) => typeof argument === 'function')?.();
      return true;
    };
  }
  const speakAgain = () => {
    process.off('exit', sayAll);
    for (const { stream, write } of streams) stream.write = write;
  };
  const sayAll = () => {
    speakAgain();
    for (const { stream, text } of kept) stream.write(text);
  };
  process.once('exit', sayAll);
  return speakAgain;
}
