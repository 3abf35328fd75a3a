import { act, behaviour, type EventKind, jobResult, notice, OPENS_FOR_A_MINUTE, report } from './behaviour.ts';
import { CARD_EVENTS } from './card-events.ts';
import { after, either, everything, list, nested, optional, reader, type Shape, text, texts } from './fields.ts';

const SCAN_RESULT = {
  key: text('EventKey'),
  scan_type: text('ScanCodeInfo', 'ScanType'),
  scan_result: text('ScanCodeInfo', 'ScanResult'),
} satisfies Shape;

const PICTURES = {
  key: text('EventKey'),
  count: text('SendPicsInfo', 'Count'),
  pics: list(['SendPicsInfo', 'PicList', 'item'], { pic_md5_sum: text('PicMd5Sum') }),
} satisfies Shape;

const VERIFIED_UNTIL = { expired_time: text('ExpiredTime') } satisfies Shape;
const NOT_VERIFIED = { fail_time: text('FailTime'), fail_reason: text('FailReason') } satisfies Shape;
const KF_ACCOUNT = { kf_account: text('KfAccount') } satisfies Shape;

/** Of a person who withdrew something. Their openid becomes the delivery's `from`: FromUserName is the platform's. */
const AUTHORIZATION = {
  openid: either('OpenID', 'openid'),
  unionid: either('UnionID', 'unionid'),
  appid: either('AppID', 'appid'),
  revoke_info: optional('RevokeInfo'),
} satisfies Shape;

const withdrawal = <S extends Shape>(fields: S) => ({ ...report(fields), sender: 'OpenID' as const });

const PRODUCT = {
  key: optional('EventKey'),
  key_standard: optional('KeyStandard'),
  key_str: optional('KeyStr'),
  country: optional('Country'),
  province: optional('Province'),
  city: optional('City'),
  sex: optional('Sex'),
  scene: optional('Scene'),
  ext_info: optional('ExtInfo'),
  region_code: optional('RegionCode'),
  result: optional('Result'),
  reason_msg: optional('ReasonMsg'),
} satisfies Shape;

const BEACON = {
  uuid: text('Uuid'),
  major: text('Major'),
  minor: text('Minor'),
  distance: text('Distance'),
} satisfies Shape;

const COPYRIGHT_CHECK = {
  count: text('Count'),
  result_list: list(['ResultList', 'item'], {
    article_idx: text('ArticleIdx'),
    user_declare_state: text('UserDeclareState'),
    audit_state: text('AuditState'),
    original_article_url: text('OriginalArticleUrl'),
    original_article_type: text('OriginalArticleType'),
    can_reprint: text('CanReprint'),
    need_replace_content: text('NeedReplaceContent'),
    need_show_reprint_source: text('NeedShowReprintSource'),
  }),
  check_state: text('CheckState'),
} satisfies Shape;

const ARTICLE_URLS = {
  count: text('Count'),
  result_list: list(['ResultList', 'item'], { article_idx: text('ArticleIdx'), article_url: text('ArticleUrl') }),
} satisfies Shape;

/** The EventKey of a subscription without a QR code or payment. */
const otherKey = reader([['EventKey']], (fields) => {
  const key = text('EventKey')(fields);
  return /^(qrscene_|last_trade_no_|$)/.test(key) ? undefined : key;
});

/**
 * WeChat's events, by Event: behaviour and fields. All values are text; only
 * lists and records nest. Recording, rules, insights, the reply window and erasing read it here.
 */
export const EVENTS = {
  subscribe: behaviour(
    'subscription',
    {
      scene: after('qrscene_', 'EventKey'),
      trade_no: after('last_trade_no_', 'EventKey'),
      key: otherKey,
      ticket: optional('Ticket'),
    },
    { names: 'scene', ...OPENS_FOR_A_MINUTE },
  ),
  unsubscribe: behaviour('subscription', { key: optional('EventKey') }, { isAct: false, showsFollowing: false }),
  SCAN: behaviour(
    'scan',
    { scene: text('EventKey'), ticket: text('Ticket') },
    { names: 'scene', ...OPENS_FOR_A_MINUTE },
  ),
  LOCATION: behaviour('location', {
    latitude: text('Latitude'),
    longitude: text('Longitude'),
    precision: text('Precision'),
  }),
  CLICK: behaviour('menuAction', { key: text('EventKey') }, { names: 'key', ...OPENS_FOR_A_MINUTE }),
  VIEW: behaviour('menuAction', { url: text('EventKey'), menu_id: optional('MenuId') }, { names: 'url' }),
  view_miniprogram: behaviour(
    'menuAction',
    { pagepath: text('EventKey'), menu_id: optional('MenuId') },
    { names: 'pagepath' },
  ),
  scancode_push: behaviour('menuAction', SCAN_RESULT, { names: 'key', ...OPENS_FOR_A_MINUTE }),
  scancode_waitmsg: behaviour('menuAction', SCAN_RESULT, { names: 'key', ...OPENS_FOR_A_MINUTE }),
  pic_sysphoto: behaviour('menuAction', PICTURES, { names: 'key' }),
  pic_photo_or_album: behaviour('menuAction', PICTURES, { names: 'key' }),
  pic_weixin: behaviour('menuAction', PICTURES, { names: 'key' }),
  location_select: behaviour(
    'menuAction',
    {
      key: text('EventKey'),
      latitude: text('SendLocationInfo', 'Location_X'),
      longitude: text('SendLocationInfo', 'Location_Y'),
      scale: text('SendLocationInfo', 'Scale'),
      label: text('SendLocationInfo', 'Label'),
      poiname: text('SendLocationInfo', 'Poiname'),
    },
    { names: 'key' },
  ),

  TEMPLATESENDJOBFINISH: jobResult({ msg_id: text('MsgID'), status: text('Status') }),
  MASSSENDJOBFINISH: jobResult({
    msg_id: text('MsgID'),
    status: text('Status'),
    total_count: text('TotalCount'),
    filter_count: text('FilterCount'),
    sent_count: text('SentCount'),
    error_count: text('ErrorCount'),
    copyright_check_result: nested(['CopyrightCheckResult'], COPYRIGHT_CHECK),
    article_url_result: nested(['ArticleUrlResult'], ARTICLE_URLS),
  }),
  PUBLISHJOBFINISH: jobResult({
    publish_id: text('PublishEventInfo', 'publish_id'),
    publish_status: text('PublishEventInfo', 'publish_status'),
    article_id: optional('PublishEventInfo', 'article_id'),
    article_detail: nested(['PublishEventInfo', 'article_detail'], {
      count: text('count'),
      item: list(['item'], { idx: text('idx'), article_url: text('article_url') }),
    }),
    fail_idx: texts('PublishEventInfo', 'fail_idx'),
  }),

  qualification_verify_success: notice(VERIFIED_UNTIL),
  qualification_verify_fail: notice(NOT_VERIFIED),
  naming_verify_success: notice(VERIFIED_UNTIL),
  naming_verify_fail: notice(NOT_VERIFIED),
  annual_renew: notice(VERIFIED_UNTIL),
  verify_expired: notice(VERIFIED_UNTIL),

  kf_create_session: notice(KF_ACCOUNT),
  kf_close_session: report(KF_ACCOUNT),
  kf_switch_session: notice({ from_kf_account: text('FromKfAccount'), to_kf_account: text('ToKfAccount') }),

  subscribe_msg_popup_event: act({
    list: list(['SubscribeMsgPopupEvent', 'List'], {
      template_id: text('TemplateId'),
      subscribe_status_string: text('SubscribeStatusString'),
      popup_scene: text('PopupScene'),
    }),
  }),
  subscribe_msg_change_event: notice({
    list: list(['SubscribeMsgChangeEvent', 'List'], {
      template_id: text('TemplateId'),
      subscribe_status_string: text('SubscribeStatusString'),
    }),
  }),
  subscribe_msg_sent_event: report({
    list: list(['SubscribeMsgSentEvent', 'List'], {
      template_id: text('TemplateId'),
      msg_id: text('MsgID'),
      error_code: text('ErrorCode'),
      error_status: text('ErrorStatus'),
    }),
  }),

  user_info_modified: withdrawal(AUTHORIZATION),
  user_authorization_revoke: withdrawal(AUTHORIZATION),
  user_authorization_cancellation: withdrawal(AUTHORIZATION),

  guide_qrcode_scan_event: notice({
    qrcode_guide_account: text('GuideScanEvent', 'qrcode_guide_account'),
    qrcode_guide_openid: text('GuideScanEvent', 'qrcode_guide_openid'),
    openid: text('GuideScanEvent', 'openid'),
    action: text('GuideScanEvent', 'action'),
    qrcode_info: text('GuideScanEvent', 'qrcode_info'),
  }),
  guide_invite_result_event: notice({
    guide_account: text('GuideInviteEvent', 'guide_account'),
    guide_openid: text('GuideInviteEvent', 'guide_openid'),
    invite_result: text('GuideInviteEvent', 'invite_result'),
  }),
  add_guide_buyer_relation_event: notice({ fields: everything() }),

  ...CARD_EVENTS,
  poi_check_notify: notice({
    uniq_id: text('UniqId'),
    poi_id: text('PoiId'),
    result: text('Result'),
    msg: either('msg', 'Msg'),
  }),
  merchant_order: notice({
    order_id: text('OrderId'),
    order_status: text('OrderStatus'),
    product_id: text('ProductId'),
    sku_info: text('SkuInfo'),
  }),
  WifiConnected: act({
    connect_time: text('ConnectTime'),
    expire_time: text('ExpireTime'),
    vendor_id: text('VendorId'),
    place_id: text('PlaceId'),
    device_no: text('DeviceNo'),
  }),
  ShakearoundUserShake: act({
    chosen_beacon: nested(['ChosenBeacon'], BEACON),
    around_beacons: list(['AroundBeacons', 'AroundBeacon'], BEACON),
  }),
  user_scan_product: act(PRODUCT),
  user_scan_product_enter_session: act(PRODUCT),
  user_scan_product_async: notice(PRODUCT),
  user_scan_product_verify_action: notice(PRODUCT),
  subscribe_scan_product: notice(PRODUCT),
  user_enter_tempsession: act({ session_from: text('SessionFrom') }),
} satisfies Record<string, EventKind>;

export type EventName = keyof typeof EVENTS;

type NamedByKey = {
  [E in EventName]: (typeof EVENTS)[E] extends EventKind<'menuAction', Shape, 'key'> ? E : never;
}[EventName];

const isEventName = (name: string): name is EventName => Object.hasOwn(EVENTS, name);
const isNamedByKey = (name: string): name is NamedByKey =>
  kindOfEvent(name)?.behaviour === 'menuAction' && kindOfEvent(name)?.names === 'key';

/** The meaning of an event; undefined if it is unknown. */
export const kindOfEvent = (name: string): EventKind | undefined => (isEventName(name) ? EVENTS[name] : undefined);

export const EVENT_NAMES: readonly EventName[] = Object.keys(EVENTS).filter(isEventName);

/**
 * The menu events with a button's key whose reply is displayed. A reply to VIEW or view_miniprogram is not: the
 * follower has left the chat for the page.
 */
export const EVENTS_BY_KEY: readonly NamedByKey[] = EVENT_NAMES.filter(isNamedByKey);

/** That a follower left, as interactions name it. */
export const LEFT: `event.${EventName}` = 'event.unsubscribe';
