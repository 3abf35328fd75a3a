import { act, type EventKind, notice, report } from './behaviour.ts';
import { either, optional, type Shape, text } from './fields.ts';

const CARD = { card_id: text('CardId'), user_card_code: text('UserCardCode') } satisfies Shape;

const GIFT_ORDER = {
  page_id: text('PageId'),
  order_id: text('OrderId'),
  is_chat_room: optional('IsChatRoom'),
  is_return_back: optional('IsReturnBack'),
} satisfies Shape;

/** Cards, gift cards and invoices (微信卡券, 电子发票), by Event. Booleans are `0` and `1`, sums are in cents. */
export const CARD_EVENTS = {
  card_pass_check: report({ card_id: text('CardId') }),
  card_not_pass_check: report({ card_id: text('CardId'), refuse_reason: text('RefuseReason') }),
  user_get_card: act({
    ...CARD,
    is_give_by_friend: optional('IsGiveByFriend'),
    friend_user_name: optional('FriendUserName'),
    old_user_card_code: optional('OldUserCardCode'),
    outer_id: optional('OuterId'),
    outer_str: optional('OuterStr'),
    is_restore_member_card: optional('IsRestoreMemberCard'),
    is_recommend_by_friend: optional('IsRecommendByFriend'),
    unionid: either('UnionId', 'UnionID'),
  }),
  user_gifting_card: act({
    ...CARD,
    friend_user_name: optional('FriendUserName'),
    is_return_back: optional('IsReturnBack'),
    is_chat_room: optional('IsChatRoom'),
  }),
  user_del_card: act(CARD),
  user_consume_card: notice({
    ...CARD,
    consume_source: optional('ConsumeSource'),
    location_id: optional('LocationId'),
    location_name: optional('LocationName'),
    staff_openid: optional('StaffOpenId'),
    verify_code: optional('VerifyCode'),
    remark_amount: optional('RemarkAmount'),
    outer_id: optional('OuterId'),
    outer_str: optional('OuterStr'),
  }),
  user_pay_from_pay_cell: act({
    ...CARD,
    trans_id: text('TransId'),
    location_id: optional('LocationId'),
    location_name: optional('LocationName'),
    fee: text('Fee'),
    original_fee: text('OriginalFee'),
  }),
  user_view_card: act({ ...CARD, outer_str: optional('OuterStr') }),
  user_enter_session_from_card: act(CARD),
  update_member_card: notice({
    ...CARD,
    modify_bonus: optional('ModifyBonus'),
    modify_balance: optional('ModifyBalance'),
  }),
  card_sku_remind: report({ card_id: text('CardId'), detail: text('Detail') }),
  card_pay_order: notice({
    order_id: text('OrderId'),
    status: text('Status'),
    create_order_time: text('CreateOrderTime'),
    pay_finish_time: optional('PayFinishTime'),
    desc: optional('Desc'),
    free_coin_count: optional('FreeCoinCount'),
    pay_coin_count: optional('PayCoinCount'),
    refund_free_coin_count: optional('RefundFreeCoinCount'),
    refund_pay_coin_count: optional('RefundPayCoinCount'),
    order_type: optional('OrderType'),
    memo: optional('Memo'),
    receipt_info: optional('ReceiptInfo'),
  }),
  submit_membercard_user_info: act(CARD),
  giftcard_pay_done: notice(GIFT_ORDER),
  giftcard_send_to_friend: notice(GIFT_ORDER),
  giftcard_user_accept: notice(GIFT_ORDER),
  user_authorize_invoice: notice({
    succ_order_id: optional('SuccOrderId'),
    fail_order_id: optional('FailOrderId'),
    appid: either('AuthorizeAppId', 'AppId'),
    source: either('Source', 'source'),
  }),
  update_invoice_status: report({ status: text('Status'), card_id: text('CardId'), code: text('Code') }),
  submit_invoice_title: notice({
    title: text('title'),
    phone: optional('phone'),
    tax_no: optional('tax_no'),
    addr: optional('addr'),
    bank_type: optional('bank_type'),
    bank_no: optional('bank_no'),
    attach: optional('attach'),
    title_type: optional('title_type'),
  }),
} satisfies Record<string, EventKind>;
