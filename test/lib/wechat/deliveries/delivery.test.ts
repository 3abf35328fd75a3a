import { parseXml } from '../../../../lib/wechat/callback/xml.ts';
import {
  type Delivery,
  identityOf,
  type Kind,
  kindOf,
  MalformedDelivery,
  readDelivery,
} from '../../../../lib/wechat/deliveries/delivery.ts';
import { EVENTS } from '../../../../lib/wechat/deliveries/events.ts';
import { MESSAGES } from '../../../../lib/wechat/deliveries/messages.ts';
import {
  ACCOUNT,
  CREATED,
  DELIVERIES,
  documentOf,
  eventDocument,
  FOLLOWER,
  VARIANTS,
} from '../../../fixtures/deliveries.ts';

function read(source: string): Delivery {
  return readDelivery(parseXml(source));
}

function identify(source: string): string {
  const fields = parseXml(source);
  return identityOf(fields, readDelivery(fields));
}

/** What a delivery says beside its envelope and its kind. */
function factsOf(source: string): object {
  const { to, from, createTime, type, event, ...facts } = read(source) as Delivery & { event?: string };
  return facts;
}

const CARD = { card_id: 'pCard1', user_card_code: '001' };
const SCANNED = { scan_type: 'qrcode', scan_result: 'abc' };
const PICTURES = {
  key: 'P1',
  count: '2',
  pics: [{ pic_md5_sum: '00112233445566778899aabbccddeeff' }, { pic_md5_sum: 'ffeeddccbbaa99887766554433221100' }],
};
const DEVICE = {
  id: '',
  device_type: ACCOUNT,
  device_id: 'dev-1',
  session_id: '7',
  openid: FOLLOWER,
  op_type: '1',
  content: 'aGVsbG8=',
};
const GIFT_ORDER = { page_id: 'page-1', order_id: '4000002', is_chat_room: '0', is_return_back: '0' };
const PRODUCT = { key: 'scanbarcode|ean13|6900000000000', key_standard: 'ean13', key_str: '6900000000000' };
const WITHDRAWN = { openid: 'oDemo0002', appid: 'wx0123456789abcdef' };

const FACTS: Record<Kind, object> = {
  text: { id: '24300000000000017', content: '你好 <b> & ok' },
  image: { id: '24300000000000019', pic_url: 'http://mmbiz.example/p.jpg', media_id: 'M-img-1' },
  voice: { id: '24300000000000020', media_id: 'M-v-1', format: 'amr', media_id_16k: 'M-v-1-16k' },
  video: { id: '24300000000000021', media_id: 'M-vd-1', thumb_media_id: 'M-t-1' },
  shortvideo: { id: '24300000000000022', media_id: 'M-sv-1', thumb_media_id: 'M-t-2' },
  location: {
    id: '24300000000000023',
    latitude: '31.230400',
    longitude: '121.473700',
    scale: '16',
    label: '示例路 1 号',
  },
  link: { id: '24300000000000024', title: 'T', description: 'D', url: 'https://example.com/a?x=1&y=2' },
  miniprogrampage: {
    id: '24300000000000025',
    title: '卡片',
    appid: 'wx00000000000000aa',
    pagepath: 'pages/a',
    thumb_url: 'http://mmbiz.example/t',
    thumb_media_id: 'M-t-3',
  },
  file: {
    id: '24300000000000026',
    title: 'a.pdf',
    description: '',
    file_key: 'k',
    file_md5: '0123456789abcdef0123456789abcdef',
    file_total_len: '1024',
  },
  device_text: DEVICE,
  device_event: DEVICE,
  device_status: DEVICE,
  hardware: DEVICE,
  'event.subscribe': {},
  'event.unsubscribe': {},
  'event.SCAN': { scene: 'shop-42', ticket: 'gQdemoTicket' },
  'event.LOCATION': { latitude: '31.2304', longitude: '121.4737', precision: '65.0' },
  'event.CLICK': { key: 'KEY_HELP' },
  'event.VIEW': { url: 'https://example.com/?a=1&b=2', menu_id: '430000001' },
  'event.view_miniprogram': { pagepath: 'pages/home', menu_id: '430000001' },
  'event.scancode_push': { key: 'S1', ...SCANNED },
  'event.scancode_waitmsg': { key: 'S2', ...SCANNED },
  'event.pic_sysphoto': PICTURES,
  'event.pic_photo_or_album': PICTURES,
  'event.pic_weixin': PICTURES,
  'event.location_select': { key: 'L1', latitude: '31', longitude: '121', scale: '15', label: '某处', poiname: '' },
  'event.TEMPLATESENDJOBFINISH': { msg_id: '2430000000000000099', status: 'success' },
  'event.MASSSENDJOBFINISH': {
    msg_id: '3140000001',
    status: 'send success',
    total_count: '10',
    filter_count: '9',
    sent_count: '9',
    error_count: '0',
  },
  'event.PUBLISHJOBFINISH': {
    publish_id: '2247000001',
    publish_status: '0',
    article_id: 'aid-1',
    article_detail: { count: '1', item: [{ idx: '1', article_url: 'https://mp.example/s/1' }] },
    fail_idx: [],
  },
  'event.qualification_verify_success': { expired_time: '1798761600' },
  'event.qualification_verify_fail': { fail_time: '1767225600', fail_reason: '资料不清晰' },
  'event.naming_verify_success': { expired_time: '1798761600' },
  'event.naming_verify_fail': { fail_time: '1767225600', fail_reason: '名称不符' },
  'event.annual_renew': { expired_time: '1798761600' },
  'event.verify_expired': { expired_time: '1767139200' },
  'event.kf_create_session': { kf_account: 'amy@demo' },
  'event.kf_close_session': { kf_account: 'amy@demo' },
  'event.kf_switch_session': { from_kf_account: 'amy@demo', to_kf_account: 'bob@demo' },
  'event.subscribe_msg_popup_event': {
    list: [
      { template_id: 'T1', subscribe_status_string: 'accept', popup_scene: '2' },
      { template_id: 'T2', subscribe_status_string: 'reject', popup_scene: '2' },
    ],
  },
  'event.subscribe_msg_change_event': { list: [{ template_id: 'T1', subscribe_status_string: 'reject' }] },
  'event.subscribe_msg_sent_event': {
    list: [{ template_id: 'T1', msg_id: '2430000000000000100', error_code: '0', error_status: 'success' }],
  },
  'event.user_info_modified': WITHDRAWN,
  'event.user_authorization_revoke': { ...WITHDRAWN, revoke_info: '205' },
  'event.user_authorization_cancellation': WITHDRAWN,
  'event.guide_qrcode_scan_event': {
    qrcode_guide_account: 'amy',
    qrcode_guide_openid: 'oG1',
    openid: FOLLOWER,
    action: '1',
    qrcode_info: 'x',
  },
  'event.guide_invite_result_event': { guide_account: 'amy', guide_openid: 'oG1', invite_result: '1' },
  'event.add_guide_buyer_relation_event': {
    fields: {
      ToUserName: ACCOUNT,
      FromUserName: FOLLOWER,
      CreateTime: String(CREATED),
      MsgType: 'event',
      Event: 'add_guide_buyer_relation_event',
      buyer: FOLLOWER,
    },
  },
  'event.card_pass_check': { card_id: 'pCard1' },
  'event.card_not_pass_check': { card_id: 'pCard1', refuse_reason: '非法代制' },
  'event.user_get_card': {
    ...CARD,
    is_give_by_friend: '0',
    outer_id: '0',
    outer_str: 'src-a',
    is_restore_member_card: '0',
    is_recommend_by_friend: '0',
    unionid: 'uDemo0001',
  },
  'event.user_gifting_card': { ...CARD, friend_user_name: 'oDemo0003', is_return_back: '0', is_chat_room: '1' },
  'event.user_del_card': CARD,
  'event.user_consume_card': {
    ...CARD,
    consume_source: 'FROM_API',
    location_id: '291710000',
    location_name: '示例店',
    staff_openid: 'oStaff1',
    verify_code: '1234',
    remark_amount: '50',
    outer_id: '0',
    outer_str: 'src-a',
  },
  'event.user_pay_from_pay_cell': {
    ...CARD,
    trans_id: '10022403432015000000000',
    location_id: '291710000',
    location_name: '示例店',
    fee: '10000',
    original_fee: '12000',
  },
  'event.user_view_card': { ...CARD, outer_str: 'src-a' },
  'event.user_enter_session_from_card': CARD,
  'event.update_member_card': { ...CARD, modify_bonus: '3', modify_balance: '0' },
  'event.card_sku_remind': { card_id: 'pCard1', detail: 'the stock is at 20 %' },
  'event.card_pay_order': {
    order_id: '4000001',
    status: 'ORDER_STATUS_FINANCE_SUCC',
    create_order_time: '1767225600',
    pay_finish_time: '1767225660',
    desc: 'd',
    free_coin_count: '200',
    pay_coin_count: '0',
    refund_free_coin_count: '0',
    refund_pay_coin_count: '0',
    order_type: 'ORDER_TYPE_SYS_ADD',
    memo: 'm',
    receipt_info: 'r',
  },
  'event.submit_membercard_user_info': CARD,
  'event.giftcard_pay_done': GIFT_ORDER,
  'event.giftcard_send_to_friend': GIFT_ORDER,
  'event.giftcard_user_accept': GIFT_ORDER,
  'event.user_authorize_invoice': { succ_order_id: '4000003', appid: 'wx0123456789abcdef', source: 'web' },
  'event.update_invoice_status': { status: 'INVOICE_REIMBURSE_LOCK', card_id: 'pCard1', code: '186921658591' },
  'event.submit_invoice_title': {
    title: '示例公司',
    phone: '02000000000',
    tax_no: '91000000000000000X',
    addr: '示例路 1 号',
    bank_type: '示例银行',
    bank_no: '6200000000000000',
    attach: 'a',
    title_type: 'InvoiceUserTitleBusinessType',
  },
  'event.poi_check_notify': { uniq_id: '123adb', poi_id: '123123', result: 'fail', msg: 'x' },
  'event.merchant_order': {
    order_id: '7197417460812500000',
    order_status: '2',
    product_id: 'pProduct1',
    sku_info: '10001:1000012;10002:100021',
  },
  'event.WifiConnected': {
    connect_time: '0',
    expire_time: '0',
    vendor_id: '3001224419',
    place_id: '1234',
    device_no: 'DeviceNo',
  },
  'event.ShakearoundUserShake': {
    chosen_beacon: { uuid: 'u-1', major: '1', minor: '2', distance: '0.057' },
    around_beacons: [{ uuid: 'u-2', major: '3', minor: '4', distance: '166.816' }],
  },
  'event.user_scan_product': { ...PRODUCT, country: '中国', province: '广东' },
  'event.user_scan_product_enter_session': PRODUCT,
  'event.user_scan_product_async': { ...PRODUCT, region_code: '440105' },
  'event.user_scan_product_verify_action': { ...PRODUCT, result: 'verify_ok' },
  'event.subscribe_scan_product': PRODUCT,
  'event.user_enter_tempsession': { session_from: 'sessionFrom' },
};

describe('every known kind', () => {
  it('has an example', () => {
    const kinds = [...Object.keys(MESSAGES), ...Object.keys(EVENTS).map((event) => `event.${event}`)];
    expect(Object.keys(DELIVERIES).sort()).toEqual(kinds.sort());
  });

  it.each(Object.entries(DELIVERIES))('%s is read whole', (kind, source) => {
    expect(kindOf(read(source))).toBe(kind);
    expect(factsOf(source)).toEqual(FACTS[kind as Kind]);
  });
});

describe('a delivery', () => {
  it('has the envelope of its document', () => {
    expect(read(DELIVERIES.text)).toMatchObject({ type: 'text', to: ACCOUNT, from: FOLLOWER, createTime: CREATED });
  });

  it('is authenticated in any case, by the name WeChat documents', () => {
    expect(read(documentOf('TEXT', ''))).toMatchObject({ type: 'text' });
    expect(read(documentOf('Event', '<Event>click</Event><EventKey>k</EventKey>'))).toMatchObject({
      event: 'CLICK',
      key: 'k',
    });
    expect(read(eventDocument('templatesendjobfinish', ''))).toMatchObject({ event: 'TEMPLATESENDJOBFINISH' });
  });

  it('keeps a location apart from the event of that name', () => {
    expect(kindOf(read(documentOf('LOCATION', '')))).toBe('location');
    expect(kindOf(read(eventDocument('location', '')))).toBe('event.LOCATION');
  });

  it('is about nobody when it names nobody', () => {
    expect(read(documentOf('text', '', { from: '' })).from).toBe('-');
    expect(read('<xml><CreateTime>1</CreateTime></xml>')).toMatchObject({ to: '', from: '-', createTime: 1 });
  });

  it.each(['OpenID', 'openid'])('of a withdrawn authorization is about its %s, not about the platform', (name) => {
    const source = eventDocument('user_authorization_revoke', `<${name}>oDemo0002</${name}>`);
    expect(read(source).from).toBe('oDemo0002');
  });

  it('of a withdrawn authorization without OpenID is about nobody', () => {
    expect(read(eventDocument('user_info_modified', '')).from).toBe('-');
  });

  it('takes an openid of 128 bytes', () => {
    expect(read(documentOf('text', '', { from: 'o'.repeat(128) })).from).toHaveLength(128);
  });

  it.each([
    ['FromUserName', documentOf('text', '', { from: 'o'.repeat(129) })],
    ['FromUserName', documentOf('text', '', { from: '喵'.repeat(43) })],
    ['OpenID', eventDocument('user_info_modified', `<OpenID>${'o'.repeat(129)}</OpenID>`)],
    ...[' 1767225600', '1767225600.0', '-1', '1e9', '0x10', 'now', '１２３', '1'.repeat(17)].map((time) => [
      'CreateTime',
      `<xml><CreateTime>${time}</CreateTime></xml>`,
    ]),
  ])('is refused for its %s', (field, source) => {
    const attempt = () => readDelivery(parseXml(source ?? ''));
    expect(attempt).toThrow(MalformedDelivery);
    expect(attempt).toThrow(expect.objectContaining({ field }));
  });
});

describe('a CreateTime', () => {
  it.each([
    ['in milliseconds', '<CreateTime>1767225600123</CreateTime>', 1767225600, { CreateTime: '1767225600123' }],
    ['in microseconds', '<CreateTime>1767225600123456</CreateTime>', 1767225600, { CreateTime: '1767225600123456' }],
    ['as CDATA', '<CreateTime><![CDATA[1767225600123]]></CreateTime>', 1767225600, { CreateTime: '1767225600123' }],
    ['that is empty', '<CreateTime></CreateTime>', 0, undefined],
    ['that is missing', '', 0, undefined],
  ])('%s is no reason to lose a delivery', (_, time, createTime, other) => {
    const source = `<xml><FromUserName>o</FromUserName>${time}<MsgType>text</MsgType><Content>hi</Content><MsgId>7</MsgId></xml>`;
    const fields = parseXml(source);
    const delivery = readDelivery(fields);
    expect(delivery).toMatchObject({ type: 'text', content: 'hi', createTime });
    expect(delivery.other).toEqual(other);
    expect(identityOf(fields, delivery)).toBe('7');
  });
});

describe('elements that nobody knows of', () => {
  it.each([
    ['of an event', 'event.subscribe', '<EventKey/><UnionId><![CDATA[u]]></UnionId>', { UnionId: 'u' }],
    ['of a message', 'text', '<Content>x</Content><Mood>good</Mood>', { Mood: 'good' }],
    ['with elements inside', 'text', '<Content>x</Content><A><B>1</B><B>2</B></A>', { A: { B: ['1', '2'] } }],
    [
      'inside one that is known',
      'event.scancode_push',
      '<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>x</ScanResult><Camera>back</Camera></ScanCodeInfo>',
      { ScanCodeInfo: { Camera: 'back' } },
    ],
    [
      'in a list, each in its place',
      'event.pic_weixin',
      '<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item><item><PicMd5Sum>b</PicMd5Sum><Width>9</Width></item></PicList></SendPicsInfo>',
      { SendPicsInfo: { PicList: { item: ['', { Width: '9' }] } } },
    ],
    ['where a text was known', 'event.CLICK', '<EventKey><A>1</A></EventKey>', { EventKey: { A: '1' } }],
    ['where elements were known', 'event.scancode_push', '<ScanCodeInfo>text</ScanCodeInfo>', { ScanCodeInfo: 'text' }],
  ])('%s are kept as they are', (_, kind, elements, other) => {
    const [type = '', event] = kind.split('.');
    expect(read(event === undefined ? documentOf(type, elements) : eventDocument(event, elements)).other).toEqual(
      other,
    );
  });

  it.each(Object.entries(DELIVERIES))('are none in %s as WeChat documents it', (_, source) => {
    expect(read(source)).not.toHaveProperty('other');
  });
});

describe('a message', () => {
  it('keeps its text as it was written', () => {
    const content = ' 0012 ]]]]><![CDATA[> <b> & &amp; 😀𠮷 ';
    const source = documentOf('text', `<Content><![CDATA[${content}]]></Content><MsgId>9007199254740993</MsgId>`);
    expect(factsOf(source)).toEqual({ id: '9007199254740993', content: ' 0012 ]]> <b> & &amp; 😀𠮷 ' });
  });

  it('keeps what may come with it', () => {
    const source = documentOf(
      'voice',
      '<MediaId>M</MediaId><Format>amr</Format><Recognition>你好</Recognition><MsgDataId>11</MsgDataId><Idx>2</Idx><BusinessId>3</BusinessId>',
    );
    expect(factsOf(source)).toEqual({
      id: '',
      media_id: 'M',
      format: 'amr',
      recognition: '你好',
      msg_data_id: '11',
      idx: '2',
      business_id: '3',
    });
  });

  it('names the menu entry it came from', () => {
    expect(factsOf(VARIANTS['text from a menu'])).toMatchObject({ content: '满意', bizmsgmenuid: '101' });
  });

  it('has empty texts where elements are missing or are no texts', () => {
    expect(factsOf(documentOf('image', '<PicUrl><A>1</A></PicUrl>'))).toMatchObject({
      id: '',
      pic_url: '',
      media_id: '',
    });
  });
});

describe('a subscription', () => {
  it('by a QR code has the scene without its prefix', () => {
    expect(factsOf(VARIANTS['subscribe by a QR code'])).toEqual({ scene: 'shop-42', ticket: 'gQdemoTicket' });
  });

  it('after a payment has the order number, and no scene', () => {
    expect(factsOf(VARIANTS['subscribe after a payment'])).toEqual({ trade_no: '4200000000' });
  });

  it('of another origin keeps its key', () => {
    expect(factsOf(eventDocument('subscribe', '<EventKey>elsewhere</EventKey>'))).toEqual({ key: 'elsewhere' });
  });
});

describe('a list', () => {
  it('of one is a list', () => {
    const one = '<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item></PicList></SendPicsInfo>';
    expect(factsOf(eventDocument('pic_weixin', one))).toMatchObject({ pics: [{ pic_md5_sum: 'a' }] });
  });

  it.each(['', '<SendPicsInfo/>', '<SendPicsInfo><Count>0</Count><PicList></PicList></SendPicsInfo>'])(
    'of none is a list: %s',
    (elements) => {
      expect(factsOf(eventDocument('pic_weixin', elements))).toMatchObject({ pics: [] });
    },
  );

  it('is whole when the element around it is repeated instead', () => {
    const wrapper = (id: string) =>
      `<SubscribeMsgChangeEvent><List><TemplateId>${id}</TemplateId></List></SubscribeMsgChangeEvent>`;
    expect(factsOf(eventDocument('subscribe_msg_change_event', wrapper('T1') + wrapper('T2')))).toMatchObject({
      list: [{ template_id: 'T1' }, { template_id: 'T2' }],
    });
  });

  it('of failed articles has each of them', () => {
    const source = eventDocument(
      'PUBLISHJOBFINISH',
      '<PublishEventInfo><publish_id>1</publish_id><publish_status>2</publish_status><fail_idx>1</fail_idx><fail_idx>3</fail_idx></PublishEventInfo>',
    );
    expect(factsOf(source)).toEqual({ publish_id: '1', publish_status: '2', fail_idx: ['1', '3'] });
  });
});

it('reads the originality check and the addresses of a mass sending', () => {
  const source = eventDocument(
    'MASSSENDJOBFINISH',
    '<MsgID>1</MsgID><Status>err(30003)</Status><CopyrightCheckResult><Count>1</Count><ResultList><item><ArticleIdx>1</ArticleIdx><UserDeclareState>0</UserDeclareState><AuditState>2</AuditState><OriginalArticleUrl>https://mp.example/o</OriginalArticleUrl><OriginalArticleType>1</OriginalArticleType><CanReprint>1</CanReprint><NeedReplaceContent>1</NeedReplaceContent><NeedShowReprintSource>1</NeedShowReprintSource></item></ResultList><CheckState>2</CheckState></CopyrightCheckResult><ArticleUrlResult><Count>1</Count><ResultList><item><ArticleIdx>1</ArticleIdx><ArticleUrl>https://mp.example/a</ArticleUrl></item></ResultList></ArticleUrlResult>',
  );
  expect(factsOf(source)).toMatchObject({
    copyright_check_result: {
      count: '1',
      check_state: '2',
      result_list: [
        {
          article_idx: '1',
          user_declare_state: '0',
          audit_state: '2',
          original_article_url: 'https://mp.example/o',
          original_article_type: '1',
          can_reprint: '1',
          need_replace_content: '1',
          need_show_reprint_source: '1',
        },
      ],
    },
    article_url_result: { count: '1', result_list: [{ article_idx: '1', article_url: 'https://mp.example/a' }] },
  });
});

describe('a delivery nobody has heard of', () => {
  it('keeps all its elements', () => {
    const delivery = read(VARIANTS['a message of a new type']);
    expect(delivery).toMatchObject({ type: 'unknown', msg_type: 'hologram', from: FOLLOWER });
    expect(delivery).toMatchObject({ fields: { Beam: { Colour: 'red' }, MsgId: '24300000000000027' } });
    expect(kindOf(delivery)).toBe('unknown.hologram');
  });

  it('may be an event', () => {
    const delivery = read(VARIANTS['an event of a new type']);
    expect(delivery).toMatchObject({ type: 'unknown', msg_type: 'event', event: 'hologram_seen' });
    expect(kindOf(delivery)).toBe('unknown.event.hologram_seen');
  });

  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])('may call itself %s', (name) => {
    expect(kindOf(read(documentOf(name, '')))).toBe(`unknown.${name}`);
    expect(kindOf(read(eventDocument(name, '')))).toBe(`unknown.event.${name}`);
  });
});

describe('the identity', () => {
  it('of a message is its MsgId, digit for digit', () => {
    expect(identify(DELIVERIES.text)).toBe('24300000000000017');
    expect(identify(VARIANTS['a message of a new type'])).toBe('24300000000000027');
  });

  it('of an event is a digest of 16 bytes', () => {
    expect(identify(DELIVERIES['event.CLICK'])).toMatch(/^[\w-]{22}$/);
  });

  it('of an event is a digest although it has an id', () => {
    const source = eventDocument('hologram_seen', '<MsgId>1</MsgId>');
    expect(identify(source)).toMatch(/^[\w-]{22}$/);
  });

  it('is the same however the document is laid out', () => {
    const wrapped =
      '<xml>\n<Event>CLICK</Event>\n<EventKey><![CDATA[a]]></EventKey>\n<CreateTime>1</CreateTime><MsgType>event</MsgType></xml>';
    const plain =
      '<xml><CreateTime>1</CreateTime><MsgType>event</MsgType><EventKey>a</EventKey><Event>CLICK</Event></xml>';
    expect(identify(wrapped)).toBe(identify(plain));
  });

  it('tells job results apart that differ in MsgID only', () => {
    const result = (id: string) => identify(eventDocument('TEMPLATESENDJOBFINISH', `<MsgID>${id}</MsgID>`));
    expect(result('2430000000000000099')).not.toBe(result('2430000000000000098'));
  });

  it('tells a list from its entries in another order', () => {
    const list = (a: string, b: string) => identify(eventDocument('x', `<L>${a}</L><L>${b}</L>`));
    expect(list('1', '2')).not.toBe(list('2', '1'));
  });

  it.each([
    ['is missing', ''],
    ['is empty', '<MsgId></MsgId>'],
    ['is longer than 32 characters', `<MsgId>${'1'.repeat(33)}</MsgId>`],
    ['has characters of several bytes', `<MsgId>${'喵'.repeat(32)}</MsgId>`],
  ])('of a message whose MsgId %s is a digest', (_what, element) => {
    expect(identify(documentOf('text', `<Content>hi</Content>${element}`))).toMatch(/^[\w-]{22}$/);
  });
});
