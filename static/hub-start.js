// Loads the program of the document that asks the hub.
import init from "./hub.js";

init().catch((error) => {
  document.querySelector("#wrong").textContent = `The program of this page did not start: ${error}.`;
});
