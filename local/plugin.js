import { register } from 'tsx/esm/api';

/**
 * What `npm start` adds to serverless-offline: the embedded DynamoDB and the simulated WeChat, started before the
 * functions and stopped after them. The rest is `service.ts`; this file is the door from JavaScript to TypeScript.
 */
export default class LocalPlugin {
  constructor(serverless) {
    let service;
    this.hooks = {
      'before:offline:start:init': async () => {
        register();
        const { startService } = await import('./service.ts');
        service = await startService(serverless.service);
      },
      'before:offline:start:ready': () => service.greet(),
      'before:offline:start:end': () => service.stop(),
    };
  }
}
