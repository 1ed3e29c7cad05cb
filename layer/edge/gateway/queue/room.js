"use strict";
const where = document.getElementById("where"), place = document.getElementById("place"), wait = document.getElementById("wait");
const said = document.getElementById("status"), bar = document.getElementById("bar"), site = document.title.split(" – ").pop();
let first = 0, failures = 0;
// show changes what changed, so that the focus stays and readers hear only news.
function set(element, text) {
	if (element.textContent !== text) element.textContent = text;
}
function show(now) {
	where.hidden = !now.place;
	set(place, String(now.place));
	set(wait, now.words);
	first = now.place && Math.max(first, now.place);
	bar.hidden = first < 2;
	bar.value = first ? 1 - now.place / first : 0;
	const title = now.state === "ready" ? "It is your turn" : now.place ? "Number " + now.place + " in line" : "In line";
	document.title = title + " – " + site;
	if (now.state === "missed") set(said, "Your turn passed while you were away. You are in line again.");
	else if (now.state === "unsure") set(said, "We cannot see your place just now. You keep it.");
	else if (now.state === "ready") set(said, "It is your turn. The page opens now.");
	else if (now.place) set(said, "You are in line. The wait is " + now.words + ".");
	// What stands above already is for readers that speak only.
	said.className = now.place && now.state !== "unsure" ? "heard" : "";
}
async function ask() {
	let again;
	try {
		const answer = await fetch(where.dataset.path, {headers: {Accept: "application/json"}, credentials: "same-origin", cache: "no-store"});
		const now = await answer.json();
		failures = 0;
		show(now);
		// Not a reload: that would send a form again.
		if (now.state === "ready") return location.replace(location.href.split("#")[0]);
		again = now.again;
	} catch {
		failures++;
		said.className = "";
		set(said, "The connection is gone. You keep your place; trying again.");
		again = Math.min(2000 * 2 ** failures, 30000) * (1 + Math.random() / 2);
	}
	setTimeout(ask, again);
}
if (navigator.cookieEnabled) {
	show({place: +place.textContent, words: wait.textContent, state: ""});
	setTimeout(ask, +where.dataset.again);
} else {
	set(said, "Your browser keeps no cookies. Please allow them for this site: your place is in one.");
}
