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

/** What a subscription through no QR code and after no payment still carries in EventKey. */
const otherKey = reader([['EventKey']], (fields) => {
  const key = text('EventKey')(fields);
  return /^(qrscene_|last_trade_no_|$)/.test(key) ? undefined : key;
});

/** What WeChat tells of followers and of the account, by Event. All values are text; only lists and records nest. */
export const EVENTS = {
  subscribe: {
    scene: after('qrscene_', 'EventKey'),
    trade_no: after('last_trade_no_', 'EventKey'),
    key: otherKey,
    ticket: optional('Ticket'),
  },
  unsubscribe: { key: optional('EventKey') },
  SCAN: { scene: text('EventKey'), ticket: text('Ticket') },
  LOCATION: { latitude: text('Latitude'), longitude: text('Longitude'), precision: text('Precision') },
  CLICK: { key: text('EventKey') },
  VIEW: { url: text('EventKey'), menu_id: optional('MenuId') },
  view_miniprogram: { pagepath: text('EventKey'), menu_id: optional('MenuId') },
  scancode_push: SCAN_RESULT,
  scancode_waitmsg: SCAN_RESULT,
  pic_sysphoto: PICTURES,
  pic_photo_or_album: PICTURES,
  pic_weixin: PICTURES,
  location_select: {
    key: text('EventKey'),
    latitude: text('SendLocationInfo', 'Location_X'),
    longitude: text('SendLocationInfo', 'Location_Y'),
    scale: text('SendLocationInfo', 'Scale'),
    label: text('SendLocationInfo', 'Label'),
    poiname: text('SendLocationInfo', 'Poiname'),
  },

  TEMPLATESENDJOBFINISH: { msg_id: text('MsgID'), status: text('Status') },
  MASSSENDJOBFINISH: {
    msg_id: text('MsgID'),
    status: text('Status'),
    total_count: text('TotalCount'),
    filter_count: text('FilterCount'),
    sent_count: text('SentCount'),
    error_count: text('ErrorCount'),
    copyright_check_result: nested(['CopyrightCheckResult'], COPYRIGHT_CHECK),
    article_url_result: nested(['ArticleUrlResult'], ARTICLE_URLS),
  },
  PUBLISHJOBFINISH: {
    publish_id: text('PublishEventInfo', 'publish_id'),
    publish_status: text('PublishEventInfo', 'publish_status'),
    article_id: optional('PublishEventInfo', 'article_id'),
    article_detail: nested(['PublishEventInfo', 'article_detail'], {
      count: text('count'),
      item: list(['item'], { idx: text('idx'), article_url: text('article_url') }),
    }),
    fail_idx: texts('PublishEventInfo', 'fail_idx'),
  },

  qualification_verify_success: VERIFIED_UNTIL,
  qualification_verify_fail: NOT_VERIFIED,
  naming_verify_success: VERIFIED_UNTIL,
  naming_verify_fail: NOT_VERIFIED,
  annual_renew: VERIFIED_UNTIL,
  verify_expired: VERIFIED_UNTIL,

  kf_create_session: KF_ACCOUNT,
  kf_close_session: KF_ACCOUNT,
  kf_switch_session: { from_kf_account: text('FromKfAccount'), to_kf_account: text('ToKfAccount') },

  subscribe_msg_popup_event: {
    list: list(['SubscribeMsgPopupEvent', 'List'], {
      template_id: text('TemplateId'),
      subscribe_status_string: text('SubscribeStatusString'),
      popup_scene: text('PopupScene'),
    }),
  },
  subscribe_msg_change_event: {
    list: list(['SubscribeMsgChangeEvent', 'List'], {
      template_id: text('TemplateId'),
      subscribe_status_string: text('SubscribeStatusString'),
    }),
  },
  subscribe_msg_sent_event: {
    list: list(['SubscribeMsgSentEvent', 'List'], {
      template_id: text('TemplateId'),
      msg_id: text('MsgID'),
      error_code: text('ErrorCode'),
      error_status: text('ErrorStatus'),
    }),
  },

  user_info_modified: AUTHORIZATION,
  user_authorization_revoke: AUTHORIZATION,
  user_authorization_cancellation: AUTHORIZATION,

  guide_qrcode_scan_event: {
    qrcode_guide_account: text('GuideScanEvent', 'qrcode_guide_account'),
    qrcode_guide_openid: text('GuideScanEvent', 'qrcode_guide_openid'),
    openid: text('GuideScanEvent', 'openid'),
    action: text('GuideScanEvent', 'action'),
    qrcode_info: text('GuideScanEvent', 'qrcode_info'),
  },
  guide_invite_result_event: {
    guide_account: text('GuideInviteEvent', 'guide_account'),
    guide_openid: text('GuideInviteEvent', 'guide_openid'),
    invite_result: text('GuideInviteEvent', 'invite_result'),
  },
  add_guide_buyer_relation_event: { fields: everything() },

  ...CARD_EVENTS,
  poi_check_notify: {
    uniq_id: text('UniqId'),
    poi_id: text('PoiId'),
    result: text('Result'),
    msg: either('msg', 'Msg'),
  },
  merchant_order: {
    order_id: text('OrderId'),
    order_status: text('OrderStatus'),
    product_id: text('ProductId'),
    sku_info: text('SkuInfo'),
  },
  WifiConnected: {
    connect_time: text('ConnectTime'),
    expire_time: text('ExpireTime'),
    vendor_id: text('VendorId'),
    place_id: text('PlaceId'),
    device_no: text('DeviceNo'),
  },
  ShakearoundUserShake: {
    chosen_beacon: nested(['ChosenBeacon'], BEACON),
    around_beacons: list(['AroundBeacons', 'AroundBeacon'], BEACON),
  },
  user_scan_product: PRODUCT,
  user_scan_product_enter_session: PRODUCT,
  user_scan_product_async: PRODUCT,
  user_scan_product_verify_action: PRODUCT,
  subscribe_scan_product: PRODUCT,
  user_enter_tempsession: { session_from: text('SessionFrom') },
} satisfies Record<string, Shape>;

export type EventName = keyof typeof EVENTS;
