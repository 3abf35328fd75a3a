import { Hono } from 'hono';
import { type Action, isOpenid } from './actions.ts';
import { isFields, textOf } from './call.ts';
import { type PlannedFault, readPlannedFault } from './faults.ts';
import { responseOf } from './responses.ts';
import type { Follower, Sent, State } from './state.ts';

/** Access to the simulator's state besides WeChat's API. */
export type SimulatorControls = {
  state: State;
  faults: PlannedFault[];
  /** An action of a follower of the (first) account. */
  act: (act: Action, appId?: string) => Follower;
  /** The messages sent to one follower, or all, besides passive replies; oldest first. */
  sent: (openid?: string) => Sent[];
};

/**
 * Routes of the simulator only, without a token: planned faults, actions of followers, messages sent to them, and whether
 * the (first) account may send messages.
 * `GET` `POST` `DELETE /simulator/faults` · `POST /simulator/followers` · `GET /simulator/sent` · `GET /simulator/state` ·
 * `POST /simulator/account`
 */
export function simulatorRoutes({ faults, state, act, sent }: SimulatorControls): Hono {
  const routes = new Hono();
  routes.onError((error, context) => context.json({ errcode: 400, errmsg: error.message }, 400));
  routes.get('/faults', () => responseOf(faults.map((each) => ({ ...each, path: each.path?.toString() }))));
  routes.post('/faults', async (context) => {
    const posted: unknown = await context.req.json();
    faults.push(...(Array.isArray(posted) ? posted : [posted]).map(readPlannedFault));
    return responseOf({ faults: faults.length });
  });
  routes.delete('/faults', () => responseOf({ cleared: faults.splice(0).length }));
  routes.post('/followers', async (context) => {
    const posted: unknown = await context.req.json();
    if (!isFields(posted) || !isOpenid(posted.openid)) throw new TypeError('openid must be a text that begins with o');
    const [msgtype, event, eventkey] = ['msgtype', 'event', 'eventkey'].map((name) => textOf(posted, name));
    return responseOf(act({ openid: posted.openid, msgtype: msgtype || 'text', event, eventkey }));
  });
  routes.post('/account', async (context) => {
    const posted: unknown = await context.req.json();
    const may_send_messages = isFields(posted) ? posted.may_send_messages : undefined;
    if (typeof may_send_messages !== 'boolean') throw new TypeError('may_send_messages must be true or false');
    const [account] = Object.values(state.accounts);
    Object.assign(account ?? {}, { may_send_messages });
    return responseOf({ may_send_messages });
  });
  routes.get('/sent', ({ req }) => {
    return responseOf({ sent: sent(req.query('openid')).map((each) => ({ ...each, msgid: BigInt(each.msgid) })) });
  });
  routes.get('/state', () => responseOf(state));
  return routes;
}
