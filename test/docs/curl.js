/** As much of curl as the documentation's examples use, for machines that have Node alone. */
const [headers, fields, data] = [{}, [], []];
let url = '';
let method;

const OPTIONS = {
  '-H': (value) => {
    const [name, ...rest] = value.split(':');
    headers[name] = rest.join(':').trim();
  },
  '-X': (value) => {
    method = value;
  },
  '-F': (value) => fields.push(value),
  '-d': (value) => data.push(value),
};

const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (word === '-s') continue;
  if (word in OPTIONS) OPTIONS[word](words.shift());
  else url = word;
}

const form = new FormData();
for (const field of fields) form.append(field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1));
if (data.length > 0) headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
const body = fields.length > 0 ? form : data.length > 0 ? data.join('&') : undefined;
const response = await fetch(url, { method: method ?? (body ? 'POST' : 'GET'), headers, body });
process.stdout.write(await response.text());
