import { either, optional, type Shape, text } from './fields.ts';

/** WeChat's devices are retired; what is known of their messages is the elements, not which of them come together. */
const DEVICE = {
  device_type: text('DeviceType'),
  device_id: either('DeviceID', 'DeviceId'),
  session_id: either('SessionID', 'SessionId'),
  openid: either('OpenID', 'OpenId'),
  device_event: optional('Event'),
  device_status: optional('DeviceStatus'),
  op_type: optional('OpType'),
  content: optional('Content'),
} satisfies Shape;

/** The messages of followers, by MsgType. All values are text, coordinates too, exactly as sent. */
export const MESSAGES = {
  text: { content: text('Content'), bizmsgmenuid: optional('bizmsgmenuid') },
  image: { pic_url: text('PicUrl'), media_id: text('MediaId') },
  voice: {
    media_id: text('MediaId'),
    format: text('Format'),
    media_id_16k: optional('MediaId16K'),
    recognition: optional('Recognition'),
  },
  video: { media_id: text('MediaId'), thumb_media_id: text('ThumbMediaId') },
  shortvideo: { media_id: text('MediaId'), thumb_media_id: text('ThumbMediaId') },
  location: {
    latitude: text('Location_X'),
    longitude: text('Location_Y'),
    scale: text('Scale'),
    label: text('Label'),
  },
  link: { title: text('Title'), description: text('Description'), url: text('Url') },
  miniprogrampage: {
    title: text('Title'),
    appid: text('AppId'),
    pagepath: text('PagePath'),
    thumb_url: text('ThumbUrl'),
    thumb_media_id: text('ThumbMediaId'),
  },
  file: {
    title: text('Title'),
    description: text('Description'),
    file_key: text('FileKey'),
    file_md5: text('FileMd5'),
    file_total_len: text('FileTotalLen'),
  },
  device_text: DEVICE,
  device_event: DEVICE,
  device_status: DEVICE,
  hardware: DEVICE,
} satisfies Record<string, Shape>;

export type MessageType = keyof typeof MESSAGES;

/** The time for which WeChat accepts customer-service messages after a message, in milliseconds: 48 hours; after devices' none. */
export const MESSAGE_OPENS_FOR_MS = 48 * 3_600_000;

const isMessageType = (type: string): type is MessageType => Object.hasOwn(MESSAGES, type);

export const opensForMs = (type: string): number =>
  isMessageType(type) && MESSAGES[type] !== DEVICE ? MESSAGE_OPENS_FOR_MS : 0;

/** The fields of every message besides its envelope. The id exceeds 2^53, so it is text. */
export const MESSAGE_ENVELOPE = {
  msg_data_id: optional('MsgDataId'),
  idx: optional('Idx'),
  business_id: optional('BusinessId'),
} satisfies Shape;
