import type { Behaviour } from '../../../../lib/wechat/deliveries/behaviour.ts';
import { EVENT_NAMES, EVENTS, EVENTS_BY_KEY, kindOfEvent } from '../../../../lib/wechat/deliveries/events.ts';
import { opensForMs } from '../../../../lib/wechat/deliveries/messages.ts';

const MENU = ['CLICK', 'VIEW', 'view_miniprogram', 'scancode_push', 'scancode_waitmsg'];
const PICTURES = ['pic_sysphoto', 'pic_photo_or_album', 'pic_weixin', 'location_select'];
const those = (hold: (name: (typeof EVENT_NAMES)[number]) => boolean) => EVENT_NAMES.filter(hold).sort();

it.each<[Behaviour, string[]]>([
  ['subscription', ['subscribe', 'unsubscribe']],
  ['scan', ['SCAN']],
  ['location', ['LOCATION']],
  ['menuAction', [...MENU, ...PICTURES]],
  ['jobResult', ['TEMPLATESENDJOBFINISH', 'MASSSENDJOBFINISH', 'PUBLISHJOBFINISH']],
])('the events that are a %s', (behaviour, names) => {
  expect(those((name) => EVENTS[name].behaviour === behaviour)).toEqual(names.sort());
});

it('whoever did something with the account was there; who left, or was told of, was not', () => {
  expect(those((name) => EVENTS[name].behaviour !== 'notice' && EVENTS[name].isAct)).toEqual(
    ['subscribe', 'SCAN', 'LOCATION', ...MENU, ...PICTURES].sort(),
  );
  expect(EVENTS.user_view_card.isAct).toBe(true);
  for (const name of ['unsubscribe', 'card_pass_check', 'kf_create_session', 'PUBLISHJOBFINISH']) {
    expect(kindOfEvent(name)?.isAct).toBe(false);
  }
});

it('all that is a deed shows that its follower follows, and nothing that tells of the account does', () => {
  expect(those((name) => EVENTS[name].isAct && !EVENTS[name].showsFollowing)).toEqual([]);
  expect(those((name) => EVENTS[name].behaviour !== 'notice' && !EVENTS[name].showsFollowing)).toEqual(
    ['unsubscribe', 'TEMPLATESENDJOBFINISH', 'MASSSENDJOBFINISH', 'PUBLISHJOBFINISH'].sort(),
  );
});

it('a follower of whom a platform tells is named in OpenID, and need not follow', () => {
  for (const name of ['user_info_modified', 'user_authorization_revoke', 'user_authorization_cancellation'] as const) {
    expect(EVENTS[name]).toMatchObject({ sender: 'OpenID', showsFollowing: false, isAct: false });
  }
});

it('five events open the reply window for a minute, messages for 48 hours, devices not at all', () => {
  expect(those((name) => EVENTS[name].opensForMs === 60_000)).toEqual(
    ['CLICK', 'scancode_push', 'scancode_waitmsg', 'subscribe', 'SCAN'].sort(),
  );
  expect(those((name) => ![0, 60_000].includes(EVENTS[name].opensForMs))).toEqual([]);
  expect([opensForMs('text'), opensForMs('file'), opensForMs('device_text'), opensForMs('hologram')]).toEqual([
    172_800_000, 172_800_000, 0, 0,
  ]);
});

it('a rule may name a button of the menu by its key where a reply is shown', () => {
  expect([...EVENTS_BY_KEY].sort()).toEqual(['CLICK', 'scancode_push', 'scancode_waitmsg', ...PICTURES].sort());
});

it('an event of another version stands for nothing, not even one that every object has', () => {
  for (const name of ['unknown.CLICK_2', '', 'toString', '__proto__', 'click'])
    expect(kindOfEvent(name)).toBeUndefined();
});
