// Loads the page's program. A file of its own: the content security policy allows no inline script.
import init from "./app.js";

const state = document.querySelector("#starting [role=status]");
state.textContent = "Loading…";
init().catch((error) => {
  state.textContent = "";
  const message = document.createElement("p");
  message.className = "start-error";
  message.setAttribute("role", "alert");
  message.textContent = `The page's program did not start: ${error}. A current Firefox, Chromium, Edge or Safari runs it.`;
  document.body.append(message);
});
