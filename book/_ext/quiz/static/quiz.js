// Check buttons for the self-test questions: the answer's own reason, said in a status region.
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

function parse(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const fraction = plain.split("/").map((part) => part.trim());
  if (fraction.length > 2 || !fraction.every((part) => NUMBER.test(part))) return NaN;
  return fraction.length === 2 ? Number(fraction[0]) / Number(fraction[1]) : Number(plain);
}

function close(given, wanted, tolerance) {
  return Math.abs(given - wanted) <= tolerance * Math.abs(wanted) + 1e-12;
}

function chosen(question) {
  const answers = [...question.querySelectorAll(".quiz-answer")];
  if (question.dataset.kind === "choice") {
    return answers.find((answer) => answer.querySelector("input").checked) ?? "Choose an answer first.";
  }
  const given = parse(question.querySelector(".quiz-entry input").value);
  if (!Number.isFinite(given)) return "Type a number first, such as 0.25, 1/4 or 2.5e-3.";
  const matching = answers.find((answer) => "value" in answer.dataset
    && close(given, Number(answer.dataset.value), Number(question.dataset.tolerance)));
  return matching ?? answers.at(-1);
}

function check(question, status) {
  const answer = chosen(question);
  if (typeof answer === "string") {
    status.textContent = answer;
    return;
  }
  status.replaceChildren(...[...answer.querySelector(".quiz-reason").children].map((child) => child.cloneNode(true)));
  question.dataset.result = answer.dataset.right === "true" ? "right" : "wrong";
}

function forget(question, status) {
  delete question.dataset.result;
  status.replaceChildren();
}

for (const question of document.querySelectorAll(".quiz-question")) {
  question.classList.add("quiz-live");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiz-check", textContent: "Check" });
  const status = Object.assign(document.createElement("div"), { className: "quiz-said" });
  status.setAttribute("role", "status");
  const entry = question.querySelector(".quiz-entry");
  if (entry) {
    entry.append(button);
    entry.after(status);
  } else {
    question.append(button, status);
  }
  button.addEventListener("click", () => check(question, status));
  question.addEventListener("input", () => forget(question, status));
  question.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      check(question, status);
    }
  });
}
