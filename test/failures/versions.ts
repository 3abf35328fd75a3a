import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { SignJWT } from 'jose';
import { recover } from '../../commands/recover.ts';
import { refresher } from '../../functions/access-token/refresh.ts';
import { interactions } from '../../functions/interactions/handler.ts';
import { endpoint } from '../../lib/http/endpoint.ts';
import { rollUp } from '../../lib/insights/roll-up.ts';
import { placed } from '../../lib/interactions/interaction.ts';
import { sortKeyOf } from '../../lib/interactions/keys.ts';
import { seal } from '../../lib/platform/seal.ts';
import { decideFromRules, rulesCache } from '../../lib/replies/rules/cache.ts';
import { referenceOf } from '../../lib/slow-replies/tap-link.ts';
import { credentialsTable } from '../../lib/tables/credentials.ts';
import { insightsTable } from '../../lib/tables/insights.ts';
import { history } from '../../lib/tables/interactions/history.ts';
import { pendingTable } from '../../lib/tables/pending.ts';
import { PENDING_KEYS, slowRepliesTable } from '../../lib/tables/slow-replies.ts';
import { parseXml } from '../../lib/wechat/callback/xml.ts';
import { identityOf, kindOf, readDelivery } from '../../lib/wechat/deliveries/delivery.ts';
import { aRule, overBudget, reading, said } from '../lib/replies/rules/rules.ts';
import { signedIn } from '../support/account.ts';
import { NOW, safe, textMessage, unsealed } from '../support/callback.ts';
import { call } from '../support/events.ts';
import { HASHES } from '../support/hashes.ts';
import { anOperator } from '../support/operators.ts';
import { RECOVERY_KEY, recovery } from '../support/recovery.ts';
import { database, tableNamed } from '../support/tables.ts';
import { instance } from '../support/webhook.ts';
import { fewAtOnce } from './few-at-once.ts';
import { officeOn } from './office.ts';
import type { Outcome, Scenario } from './outcomes.ts';

const PLACEMENT = { shards: 2, retentionDays: undefined };
const UNKNOWN = { from_a_later_version: { a: ['b'] } };
const now = () => NOW;
const db = database();

const put = (table: string, Item: object) => db.send(new PutCommand({ TableName: tableNamed(table), Item }));

const interactionsHistory = history(db, tableNamed('interactions'), { ...PLACEMENT, now });
const pending = () => pendingTable(db, tableNamed('pending'), now);

const backOffice = () =>
  endpoint(
    interactions({
      wechat: () => Promise.reject(new Error('nobody asks WeChat')),
      ...{ history: interactionsHistory, pending: pending(), now, sleep: async () => undefined },
    }),
    officeOn(db, now),
  );

/** A text as it would lie in the table if another version had recorded it. */
async function recordedByAnother(openid: string, but: object) {
  const xml = textMessage('hi', { from: openid });
  const fields = parseXml(xml);
  const delivery = readDelivery(fields);
  const identity = identityOf(fields, delivery);
  const created = sortKeyOf(delivery.createTime, identity);
  const kept = { openid, created, ...placed(PLACEMENT, NOW - 1, identity), direction: 'in', kind: kindOf(delivery) };
  await put('interactions', { ...kept, details: { content: 'hi' }, ...but });
  return xml;
}

const REPLY = { type: 'text', content: 'decided by the other version' };

/** What another version left, and what this one makes of it, checked. */
const CASES: readonly (Pick<Outcome, 'fault' | 'where' | 'kept' | 'sees'> & { readonly check: () => Promise<void> })[] =
  [
    {
      ...{
        fault: 'of an earlier version: no reply, no answered_by',
        where: 'an interaction, read',
        kept: 'the interaction',
        sees: '200',
      },
      async check() {
        await recordedByAnother('oEarlierRead', {});
        expect(await readOf('oEarlierRead')).toMatchObject([{ kind: 'text', details: { content: 'hi' } }]);
      },
    },
    {
      ...{
        fault: 'of a later version: with more attributes',
        where: 'an interaction, read',
        kept: 'the interaction',
        sees: '200',
      },
      async check() {
        await recordedByAnother('oLaterRead', { reply: REPLY, ...UNKNOWN });
        expect(await readOf('oLaterRead')).toMatchObject([{ reply: REPLY }]);
      },
    },
    {
      fault: 'of an earlier version: no reply, no answered_by',
      where: 'a delivery, repeated by WeChat',
      kept: 'one interaction, as it was',
      sees: '`success`',
      async check() {
        const xml = await recordedByAnother('oEarlierAgain', {});
        expect(await instance()(safe(xml))).toMatchObject({ statusCode: 200, body: 'success' });
      },
    },
    {
      fault: 'of a later version: with more attributes',
      where: 'a delivery, repeated by WeChat',
      kept: 'one interaction, as it was',
      sees: 'the reply that version decided',
      async check() {
        const xml = await recordedByAnother('oLaterAgain', { reply: REPLY, ...UNKNOWN });
        const { body = '' } = await instance()(safe(xml));
        expect(unsealed(body).Content).toBe(REPLY.content);
        expect(await interactionOf('oLaterAgain')).toMatchObject(UNKNOWN);
      },
    },
    {
      fault: 'of a later version: with more attributes',
      where: 'the access_token, renewed',
      kept: 'a token, and those attributes',
      sees: 'a token',
      async check() {
        const pk = 'access-token#wxversions';
        await put('credentials', { pk, access_token: 'of the other version', expires_at: NOW + 60_000, ...UNKNOWN });
        const credentials = credentialsTable(db, tableNamed('credentials'), 'wxversions');
        const fetchToken = async () => ({ token: 'new', expires_at: NOW + 7_200_000 });
        expect(await refresher({ credentials, fetchToken, endpoint: 'stable_token', now })()).toMatchObject({
          token: 'new',
        });
        const { Item } = await db.send(new GetCommand({ TableName: tableNamed('credentials'), Key: { pk } }));
        expect(Item).toMatchObject({ access_token: 'new', ...UNKNOWN });
      },
    },
    {
      fault: 'of an earlier version: no display_name; and one with more attributes',
      where: 'an operator',
      kept: 'the operator',
      sees: '200',
      async check() {
        const key = { pk: 'operator', sk: 'of.another.version' };
        const operator = {
          username: key.sk,
          password: 'none',
          permissions: ['interactions:read'],
          disabled: false,
          session: 1,
        };
        await put('operators', { ...key, ...operator, ...UNKNOWN });
        const token = await officeOn(db, now).sessions.issue(operator);
        expect((await call(backOffice(), 'GET /api/v0.1/interactions/oNobody', { token })).status).toBe(200);
      },
    },
    {
      fault: 'of a later version: with more claims',
      where: "an operator's session",
      kept: 'the session',
      sees: '200',
      async check() {
        await signedIn(['interactions:read'], now);
        const key = new TextEncoder().encode(process.env.SESSION_SECRET);
        const username = 'of.later.claims';
        await officeOn(db, now).operators.create(anOperator(username, { permissions: ['interactions:read'] }));
        const token = await new SignJWT({ session: 1, ...UNKNOWN })
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject(username)
          .setIssuer('wechat-server')
          .setAudience('back-office')
          .setExpirationTime(NOW / 1000 + 60)
          .sign(key);
        expect((await call(backOffice(), 'GET /api/v0.1/interactions/oNobody', { token })).status).toBe(200);
      },
    },
    {
      fault: 'of a later version: a condition nobody has heard of',
      where: 'a reply rule',
      kept: 'the rule',
      sees: 'the reply by the rules that are known',
      async check() {
        const rules = [
          aRule({ condition: { type: 'mood', any_of: ['good'] } as never, ...UNKNOWN }),
          aRule({ answer: { type: 'later', of: 'all' } as never }),
          aRule({ answer: { type: 'random', replies: [{ type: 'later', of: 'all' }] } as never }),
          aRule({ name: 'known' }),
        ];
        const cache = rulesCache({ ...reading(rules), now, failed: () => undefined });
        const decided = await decideFromRules(cache, { now, overBudget })(said('hi'));
        expect(decided).toMatchObject({ reply: { content: 'known' } });
      },
    },
    {
      fault: 'counted by another version',
      where: "an hour's figures",
      kept: 'the interactions',
      sees: 'figures made anew by the next rollup',
      async check() {
        const hour = Date.parse('2028-01-01T00:00:00Z');
        const rows = insightsTable(db, tableNamed('insights'));
        await rows.put({ hour, figures: { version: 99, ...UNKNOWN } as never });
        const at = () => hour + 80 * 60_000;
        await rollUp({
          history: history(db, tableNamed('interactions'), { ...PLACEMENT, now: at }),
          hashes: HASHES,
          rows,
          now: at,
          isLate: () => false,
        });
        for await (const { figures } of rows.between(hour, hour + 3_600_000))
          expect(figures).toMatchObject({ version: 2 });
      },
    },
    {
      fault: 'of a later version: with more attributes',
      where: 'an Idempotency-Key with its result',
      kept: 'the result',
      sees: 'the first result',
      async check() {
        const send = { operator: 'ming', key: 'of-another', digest: 'the same', openid: 'o-another' };
        const result = { errcode: 0, recorded: true, ...UNKNOWN };
        const item = {
          pk: 'send#ming#of-another',
          digest: 'the same',
          claim: 'c',
          expires_at: NOW / 1000 + 60,
          result,
        };
        await put('pending', { ...item, ...UNKNOWN });
        expect(await pending().claimSend(send)).toEqual({ state: 'answered', result });
      },
    },
    {
      fault: 'started by an earlier version, which does not say by whom',
      where: 'a slow reply',
      kept: 'one run',
      sees: 'the reply, once',
      async check() {
        const table = slowRepliesTable(db, tableNamed('pending'), { account: 'wxversions', now });
        const place = { openid: 'oEarlier', reference: referenceOf('1') };
        await table.claim(place, { tap: 'tap', answered_by: 'code:text' });
        await db.send(
          new UpdateCommand({
            ...{ TableName: tableNamed('pending'), Key: { pk: PENDING_KEYS.reply(place) } },
            ...{ UpdateExpression: 'SET started_at = :at', ExpressionAttributeValues: { ':at': NOW } },
          }),
        );
        expect(await table.start(place, { run: 'a run of ours', runs: 1, maySend: undefined })).toBe(false);
      },
    },
    {
      fault: 'of a later version',
      where: 'a sealed line',
      kept: 'the line in the log',
      sees: '`recover` counts it as unreadable',
      async check() {
        const header = Buffer.from('{"alg":"dir","enc":"XC20P","zip":"DEF"}').toString('base64url');
        const sealed = (await seal(RECOVERY_KEY, {})).replace(/^[^.]+/, header);
        const lines = async function* () {
          yield `{"sealed":"${sealed}"}`;
        };
        const counts = await recover(recovery(), lines());
        expect(counts).toMatchObject({ found: 1, recorded: 0, unreadable: 1 });
      },
    },
  ];

async function readOf(openid: string): Promise<unknown> {
  const token = await signedIn(['interactions:read'], now);
  const { status, json } = await call(backOffice(), `GET /api/v0.1/interactions/${openid}`, { token });
  expect(status).toBe(200);
  return (json as { interactions: unknown }).interactions;
}

async function interactionOf(openid: string): Promise<unknown> {
  const { interactions: kept } = await interactionsHistory.ofFollower(openid, { limit: 2 });
  expect(kept).toHaveLength(1);
  const { created } = kept[0] ?? { created: '' };
  const { Item } = await db.send(new GetCommand({ TableName: tableNamed('interactions'), Key: { openid, created } }));
  return Item;
}

const versions: Scenario = {
  title: 'Two versions run at once',
  run: () =>
    fewAtOnce(
      CASES.map(({ check, ...outcome }) => async (): Promise<Outcome> => {
        await check();
        return outcome;
      }),
    ),
};

export const VERSION_SCENARIOS = [versions];
