const answer = document.getElementById("answer"), button = form.querySelector("button");
const done = work(form, () => {});
let wrong = "";
try {
	wrong = sessionStorage.fathomWrong || "";
	delete sessionStorage.fathomWrong;
} catch { /* without storage the next question just comes without this sentence */ }
if (!navigator.cookieEnabled) wrong = "This site needs a cookie to remember your answer. Please allow cookies.";
if (wrong) {
	say(wrong, true);
	answer.focus();
}
document.getElementById("other").onclick = event => {
	event.preventDefault();
	location.reload();
};
form.onsubmit = async event => {
	event.preventDefault();
	if (button.getAttribute("aria-disabled")) return;
	button.setAttribute("aria-disabled", "true");
	say("One moment …");
	const error = await send(form, {answer: answer.value, work: await done});
	if (!error) {
		say("Thank you. The page opens now.");
		return location.reload();
	}
	if (error === "network" || error === "store") {
		button.removeAttribute("aria-disabled");
		return say(reasons[error] + " Please continue once more.", true);
	}
	try {
		sessionStorage.fathomWrong = (error === "answer" ? "That was not the answer." : reasons[error] || "That did not work.") + " Here is another question.";
	} catch { /* as above */ }
	location.reload();
};
