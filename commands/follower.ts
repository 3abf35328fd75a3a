import { runIfStarted } from './command.ts';
import { runFollower } from './follower/command.ts';

runIfStarted(import.meta.url, (args) => runFollower(args, { env: process.env, print: console.log }));
