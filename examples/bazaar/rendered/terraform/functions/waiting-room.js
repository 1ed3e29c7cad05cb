// The waiting room. While it is closed nobody waits: the store's "waiting" is 0,
// and every request passes. When more visitors come than the shop can serve,
// somebody on call says how many there are:
//
//   aws cloudfront-keyvaluestore put-key --key waiting --value 40000 --kvs-arn … --if-match …
//
// From then on each newcomer draws a time slot, by a hash that it can neither
// choose nor guess, out of as many seconds as it takes to let that many visitors
// in at ADMIT a second; it sees a page that comes back when the slot does, and
// then holds a pass. Tickets and passes are signed, so that nobody writes one.
//
// What it does not do: functions at the edge share no counter, so ADMIT is met on
// average and as well as "waiting" is guessed; when many more keep coming, say so
// again with a larger number. A pass can be handed to somebody else. It is no
// limit of its own: the limits of the web ACL and the proxies' stay behind it.
import crypto from 'crypto';
import cf from 'cloudfront';

const ADMIT = 900; // visitors let in a second, on average, while somebody waits
const COOKIE = 'waiting-room';
const PASS = 900; // seconds that a pass is good for
const LONGEST = 3600; // seconds that anybody waits at most

async function handler(event) {
    const request = event.request;
    const store = cf.kvs();
    const waiting = Number(await read(store, 'waiting')) || 0;
    if (waiting <= 0) {
        return request;
    }
    const key = await read(store, 'key');
    if (!key) {
        return request; // nothing can be signed: a queue without tickets would let nobody in
    }
    const now = Math.floor(Date.now() / 1000);
    const held = verify(key, request.cookies[COOKIE]);
    if (held && held.at <= now && now < held.at + PASS) {
        return request;
    }
    if (held && held.at > now) {
        return wait(held.at - now, null);
    }
    const slots = Math.min(Math.ceil(waiting / ADMIT), LONGEST);
    const draw = parseInt(hmac(key, 'draw ' + event.context.requestId).slice(0, 8), 16);
    const at = now + draw % slots;
    return wait(Math.max(at - now, 1), ticket(key, at, event.context.requestId));
}

// A ticket says from when on it is good: AT.ID.SIGNATURE.
function ticket(key, at, id) {
    const nonce = hmac(key, 'id ' + id).slice(0, 16);
    return at + '.' + nonce + '.' + hmac(key, 'ticket ' + at + '.' + nonce);
}

function verify(key, cookie) {
    const m = cookie && /^(\d{10})\.([0-9a-f]{16})\.([0-9a-f]{64})$/.exec(cookie.value);
    if (!m || hmac(key, hmac(key, 'ticket ' + m[1] + '.' + m[2])) !== hmac(key, m[3])) {
        return null;
    }
    return {at: Number(m[1])};
}

function hmac(key, text) {
    return crypto.createHmac('sha256', key).update(text).digest('hex');
}

async function read(store, name) {
    try {
        return await store.get(name);
    } catch (e) {
        return null; // there is no such key
    }
}

// wait answers with the page that comes back by itself: when the slot does, and
// at least every half minute, so that nobody sits there after the room is closed.
function wait(seconds, given) {
    const again = String(Math.min(seconds, 30));
    const response = {
        statusCode: 503,
        statusDescription: 'Waiting Room',
        headers: {
            'cache-control': {value: 'no-store'},
            'content-type': {value: 'text/html; charset=utf-8'},
            'retry-after': {value: again},
            'refresh': {value: again},
        },
        body: '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">' +
            '<title>One moment</title><h1>Many people are here right now</h1>' +
            '<p>It is your turn in about ' + Math.ceil(seconds / 60) + ' min. ' +
            'This page takes you there by itself; keep it open.</p></html>',
    };
    if (given) {
        response.cookies = {};
        response.cookies[COOKIE] = {value: given, attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=' + (LONGEST + PASS)};
    }
    return response;
}
