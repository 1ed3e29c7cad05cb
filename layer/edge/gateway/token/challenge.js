const bar = document.getElementById("bar"), again = document.getElementById("again");
function stop(text) {
	say(text, true);
	bar.hidden = true;
	again.hidden = false;
	again.firstChild.onclick = () => location.reload();
}
async function run() {
	if (!navigator.cookieEnabled || tries() > 3) {
		return stop("Your browser passed the check, but keeps no cookie that says so. Please allow cookies for this site.");
	}
	say("Checking …");
	const error = await send(form, {work: await work(form, n => bar.value = n)});
	if (error) return stop((reasons[error] || "The check did not succeed.") + " Please try again.");
	say("Done. The page opens now.");
	location.reload();
}
run();
