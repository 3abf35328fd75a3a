/** A page that means ill. Every way in which one can ask an address for something; resolves to what it could read. */
const text = { 'content-type': 'text/plain' };
const json = { 'content-type': 'application/json' };
const signature =
  'AWS4-HMAC-SHA256 Credential=local/20261126/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
const signed = { 'content-type': 'application/x-amz-json-1.0', authorization: signature };
const body = '{"fault":{"kind":"cut"},"times":9,"username":"evil","password":"let me in, please"}';

const REQUESTS = [
  {},
  { credentials: 'include' },
  { mode: 'no-cors', credentials: 'include' },
  { mode: 'no-cors', referrerPolicy: 'no-referrer', cache: 'reload' },
  { method: 'HEAD', mode: 'no-cors' },
  { method: 'POST', headers: text, body },
  { method: 'POST', headers: text, body, mode: 'no-cors', credentials: 'include' },
  { method: 'POST', headers: text, body, mode: 'no-cors', referrerPolicy: 'no-referrer' },
  { method: 'POST', headers: json, body, credentials: 'include' },
  { method: 'POST', headers: { ...signed, 'x-amz-target': 'DynamoDB_20120810.ListTables' }, body: '{}' },
  { method: 'PUT', headers: json, body },
  { method: 'DELETE', credentials: 'include' },
  { method: 'OPTIONS' },
];

async function fetched(url, request) {
  try {
    const response = await fetch(url, request);
    return response.type === 'opaque' ? [] : [`${response.status} ${await response.text()}`];
  } catch {
    return [];
  }
}

/** Whatever comes of it, it has been asked for. */
const loaded = (make) =>
  new Promise((done) => {
    const element = make(document);
    for (const name of ['load', 'error', 'loadeddata', 'loadedmetadata']) element.addEventListener(name, done);
    document.body.append(element);
    setTimeout(done, 3_000);
  });

const element = (name, properties) => (page) => Object.assign(page.createElement(name), properties);

const embedded = (url) =>
  Promise.all([
    loaded(element('img', { src: url })),
    loaded(element('script', { src: url })),
    loaded(element('link', { rel: 'stylesheet', href: url })),
    loaded(element('video', { src: url })),
    loaded(element('object', { data: url })),
  ]);

const messages = (source) =>
  new Promise((done) => {
    source.addEventListener('open', () => done(['it is open']));
    source.addEventListener('message', ({ data }) => done([data]));
    source.addEventListener('error', () => done([]));
  }).finally(() => source.close());

/** A page of the address inside this one, asked for by a link or by a form. */
async function framed(url, method) {
  const frame = element('iframe', { name: `frame-${Math.random()}` })(document);
  document.body.append(frame);
  if (method === undefined) frame.src = url;
  else {
    const form = element('form', { action: url, method: 'post', enctype: method, target: frame.name })(document);
    form.append(element('input', { name: '{"openid":"', value: 'oEvil"}' })(document));
    document.body.append(form);
    form.submit();
  }
  await new Promise((done) => {
    frame.addEventListener('load', done);
    setTimeout(done, 3_000);
  });
  const shown = frame.contentDocument?.body?.textContent ?? '';
  return shown === '' ? [] : [shown];
}

/** The same by a window of its own. */
async function opened(url) {
  const other = window.open(url);
  await new Promise((done) => setTimeout(done, 1_000));
  try {
    const shown = other.document.body.textContent;
    return shown === '' ? [] : [shown];
  } catch {
    return [];
  } finally {
    other?.close();
  }
}

async function everyWay(url) {
  navigator.sendBeacon(url, body);
  const [, ...read] = await Promise.all([
    embedded(url),
    ...REQUESTS.map((request) => fetched(url, request)),
    messages(new WebSocket(url.replace(/^http/, 'ws'))),
    messages(new EventSource(url, { withCredentials: true })),
    framed(url),
    framed(url, 'text/plain'),
    framed(url, 'multipart/form-data'),
    opened(url),
  ]);
  return read.flat();
}

window.tryEverything = async (urls) => (await Promise.all(urls.map(everyWay))).flat();
