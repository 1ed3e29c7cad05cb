// Verifies that a request to the paths of the shop's apps was signed by one of
// them, and not long ago. Without a valid signature nothing reaches the origin:
// no key, no header, a wrong or an old signature are all refused.
//
// The app sends  x-signature: t=SECONDS,n=NONCE,v=HEX  where HEX is the
// HMAC-SHA256, under the app's key, of these lines joined by \n: the method, the
// path as sent, the query (name=value, sorted, joined by &), SECONDS, NONCE.
//
// What it does not do: a function at the edge sees no body, so the service has to
// compare the body with a hash that the app signs as part of its query or path;
// and it remembers nothing, so whoever copies a request may repeat it until it is
// WINDOW old. Services that must not do a thing twice keep the nonces they have
// seen for that long.
//
// Keys lie in the key value store, one under each of the names in KEYS, so that two
// releases of the apps are good at once. Put one there, outside of these files:
//   aws cloudfront-keyvaluestore put-key --key current --value "$KEY" --kvs-arn … --if-match …
import crypto from 'crypto';
import cf from 'cloudfront';

const WINDOW = 300; // seconds that a signature is good for
const KEYS = ['current', 'previous'];
const HEADER = 'x-signature';

async function handler(event) {
    const request = event.request;
    const given = parse(request.headers[HEADER]);
    const now = Math.floor(Date.now() / 1000);
    if (!given || Math.abs(now - given.t) > WINDOW) {
        return refuse();
    }
    const text = [request.method, request.uri, query(request.querystring), given.t, given.n].join('\n');
    const store = cf.kvs();
    for (const name of KEYS) {
        const key = await read(store, name);
        if (key && same(key, hmac(key, text), given.v)) {
            return request;
        }
    }
    return refuse();
}

function parse(header) {
    const m = header && /^t=(\d{10}),n=([A-Za-z0-9_-]{16,64}),v=([0-9a-f]{64})$/.exec(header.value);
    return m ? {t: Number(m[1]), n: m[2], v: m[3]} : null;
}

// query writes the query in one order, whatever order it was sent in. Names and
// values stay encoded as they were sent.
function query(fields) {
    const out = [];
    for (const name of Object.keys(fields)) {
        const all = fields[name].multiValue || [fields[name]];
        all.forEach(function (f) { out.push(name + '=' + f.value); });
    }
    return out.sort().join('&');
}

function hmac(key, text) {
    return crypto.createHmac('sha256', key).update(text).digest('hex');
}

// same compares hashes of the two, so that the time it takes says nothing about
// how much of a guess was right.
function same(key, a, b) {
    return hmac(key, a) === hmac(key, b);
}

async function read(store, name) {
    try {
        return await store.get(name);
    } catch (e) {
        return null; // there is no such key
    }
}

function refuse() {
    return {
        statusCode: 401,
        statusDescription: 'Unauthorized',
        headers: {'cache-control': {value: 'no-store'}, 'content-type': {value: 'application/json'}},
        body: '{"error":"signature"}',
    };
}
