"use strict";
// The constants of SHA-256 (FIPS 180-4): fractions of the roots of the primes.
const K = new Int32Array(64), H = new Int32Array(8);
for (let n = 2, i = 0; i < 64; n++) {
	let prime = true;
	for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
	if (!prime) continue;
	if (i < 8) H[i] = Math.sqrt(n) % 1 * 4294967296 | 0;
	K[i++] = Math.cbrt(n) % 1 * 4294967296 | 0;
}
// first is the first word of the hash of one block.
function first(w) {
	for (let i = 16; i < 64; i++) {
		const x = w[i - 15], y = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
	}
	let a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
	for (let i = 0; i < 64; i++) {
		const t = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
		const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
		h = g; g = f; f = e; e = d + t | 0; d = c; c = b; b = a; a = t + u | 0;
	}
	return a + H[0] | 0;
}
// work finds a number for each part, in slices so that the page stays alive.
function work(form, each) {
	const seed = form.dataset.seed, bits = +form.dataset.bits, parts = +form.dataset.parts;
	const w = new Int32Array(64), found = [], turn = new MessageChannel();
	for (let i = 0; i < 8; i++) for (let j = 0; j < 4; j++) w[i] = w[i] << 8 | seed.charCodeAt(4 * i + j);
	w[10] = 1 << 31;
	w[15] = 320;
	let n = 0;
	return new Promise(done => {
		turn.port1.onmessage = () => {
			for (const end = performance.now() + 15; performance.now() < end;) {
				for (let i = 0; i < 256; i++, n++) {
					w[8] = found.length;
					w[9] = n;
					if (Math.clz32(first(w)) < bits) continue;
					found.push(n);
					n = -1;
					each(found.length);
					if (found.length === parts) return done(found.join("."));
				}
			}
			turn.port2.postMessage(0);
		};
		turn.port2.postMessage(0);
	});
}
// send gives a solution to the gateway; it answers a word, empty if all is well.
async function send(form, fields) {
	try {
		const answer = await fetch(form.dataset.path, {
			method: "POST", headers: {Accept: "application/json"}, credentials: "same-origin",
			body: new URLSearchParams({puzzle: form.elements.puzzle.value, ...fields}),
		});
		return (await answer.json()).error || "";
	} catch {
		return "network";
	}
}
// tries counts the visits of this page within a minute: a browser that keeps no
// cookies would come back for ever.
function tries() {
	try {
		const now = Date.now(), all = JSON.parse(sessionStorage.fathom || "[]").filter(t => now - t < 60000);
		sessionStorage.fathom = JSON.stringify([...all, now]);
		return all.length;
	} catch {
		return 0;
	}
}
const form = document.getElementById("puzzle"), status = document.getElementById("status");
// say changes only the text, so that readers hear it once.
function say(text, wrong) {
	status.textContent = text;
	status.className = wrong ? "wrong" : "";
}
const reasons = {
	expired: "That took too long.",
	store: "The site is very busy just now.",
	network: "The connection failed.",
};
form.hidden = false;
